/** Sums the runs of an eval up. */
@NullMarked
package dev.sluice.evals.result;

import org.jspecify.annotations.NullMarked;
