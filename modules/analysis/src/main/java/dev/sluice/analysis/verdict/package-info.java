/** Validation of answers: JSON, schema and checks. */
@NullMarked
package dev.sluice.analysis.verdict;

import org.jspecify.annotations.NullMarked;
