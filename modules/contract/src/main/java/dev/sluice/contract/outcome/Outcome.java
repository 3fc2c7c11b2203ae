package dev.sluice.contract.outcome;

import dev.sluice.contract.DeadLetter;
import java.time.Instant;

/**
 * What became of a request.
 *
 * @param <T> class of the results
 */
public sealed interface Outcome<T> {
    /** Where the record is stored. */
    Place place();

    /**
     * Where a record is stored.
     *
     * @param writtenAt the record's timestamp
     */
    record Place(String topic, int partition, long offset, Instant writtenAt) {}

    /**
     * The request has a result.
     *
     * @param value envelope and output
     */
    record Result<T>(Place place, T value) implements Outcome<T> {}

    /**
     * The request ended without a result.
     *
     * @param deadLetter why, what it cost, and whether it may be sent again
     */
    record Failed<T>(Place place, DeadLetter deadLetter) implements Outcome<T> {}

    /**
     * A record that is no outcome: not Avro, or not of a schema that fits. Others may write to the
     * topic. Reading it again gives the same.
     */
    record Unreadable<T>(Place place, RuntimeException reason) implements Outcome<T> {}
}
