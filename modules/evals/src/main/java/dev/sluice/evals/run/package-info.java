/** Runs cases against models, and keeps what came out. */
@NullMarked
package dev.sluice.evals.run;

import org.jspecify.annotations.NullMarked;
