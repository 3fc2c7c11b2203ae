/** Tokens and what they cost. */
@NullMarked
package dev.sluice.analysis.price;

import org.jspecify.annotations.NullMarked;
