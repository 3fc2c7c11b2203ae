/** The outcome of a job as Kafka records: result or dead letter, calls and settlement. */
@NullMarked
package dev.sluice.runtime.outcome;

import org.jspecify.annotations.NullMarked;
