/** Reads the bill: one row for each call to a model. */
@NullMarked
package dev.sluice.app.calls;

import org.jspecify.annotations.NullMarked;
