/** Reads outcomes from outside of the service. */
@NullMarked
package dev.sluice.app.client;

import org.jspecify.annotations.NullMarked;
