/** The cases of an analysis: contents, and what is expected of their outputs. */
@NullMarked
package dev.sluice.evals.cases;

import org.jspecify.annotations.NullMarked;
