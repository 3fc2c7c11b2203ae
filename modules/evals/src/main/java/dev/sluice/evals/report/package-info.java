/** Sums runs up, and tells people and programs. */
@NullMarked
package dev.sluice.evals.report;

import org.jspecify.annotations.NullMarked;
