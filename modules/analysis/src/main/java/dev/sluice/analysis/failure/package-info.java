/** Why an analysis or an answer fails. */
@NullMarked
package dev.sluice.analysis.failure;

import org.jspecify.annotations.NullMarked;
