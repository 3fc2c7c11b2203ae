/** The accepted results of an analysis, with which others are compared. */
@NullMarked
package dev.sluice.evals.baseline;

import org.jspecify.annotations.NullMarked;
