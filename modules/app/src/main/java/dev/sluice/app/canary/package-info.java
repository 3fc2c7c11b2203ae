/** Reads what admission has counted of the trials of canaries. */
@NullMarked
package dev.sluice.app.canary;

import org.jspecify.annotations.NullMarked;
