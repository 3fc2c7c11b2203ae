/** Whether an answer is valid. */
@NullMarked
package dev.sluice.analysis.verdict;

import org.jspecify.annotations.NullMarked;
