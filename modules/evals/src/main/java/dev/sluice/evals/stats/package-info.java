/** Pass rates, their uncertainty, and whether two of them differ. */
@NullMarked
package dev.sluice.evals.stats;

import org.jspecify.annotations.NullMarked;
