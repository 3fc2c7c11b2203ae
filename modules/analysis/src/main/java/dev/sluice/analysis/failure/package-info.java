/** Reasons why an analysis failed or an answer is invalid. */
@NullMarked
package dev.sluice.analysis.failure;

import org.jspecify.annotations.NullMarked;
