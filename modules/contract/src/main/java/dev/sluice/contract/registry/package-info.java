/** A client of schema registries that speak Confluent's REST protocol. */
@NullMarked
package dev.sluice.contract.registry;

import org.jspecify.annotations.NullMarked;
