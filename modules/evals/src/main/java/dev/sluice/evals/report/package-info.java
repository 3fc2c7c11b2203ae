/** Tells people and programs what an eval found. */
@NullMarked
package dev.sluice.evals.report;

import org.jspecify.annotations.NullMarked;
