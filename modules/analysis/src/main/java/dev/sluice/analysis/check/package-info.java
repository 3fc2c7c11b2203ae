/** Checks of an answer beyond its schema, as CEL expressions over input and output. */
@NullMarked
package dev.sluice.analysis.check;

import org.jspecify.annotations.NullMarked;
