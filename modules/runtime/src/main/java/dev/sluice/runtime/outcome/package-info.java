/** What a job ends in, as the records that say so. */
@NullMarked
package dev.sluice.runtime.outcome;

import org.jspecify.annotations.NullMarked;
