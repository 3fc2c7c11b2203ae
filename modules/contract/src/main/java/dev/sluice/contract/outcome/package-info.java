/** Reads the outcomes of requests: results and dead letters. */
@NullMarked
package dev.sluice.contract.outcome;

import org.jspecify.annotations.NullMarked;
