/** A client for schema registries with Confluent's REST API. */
@NullMarked
package dev.sluice.contract.registry;

import org.jspecify.annotations.NullMarked;
