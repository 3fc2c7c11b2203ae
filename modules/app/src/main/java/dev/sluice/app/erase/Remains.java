package dev.sluice.app.erase;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The records of a user on one topic.
 *
 * @param count number of records
 * @param oldest timestamp of the first one
 * @param newest timestamp of the last one
 * @param isErasable whether records without a value take them away at the next compaction
 * @param keptFor the longest time from a record's timestamp until the brokers delete it; empty if
 *     they never do
 */
public record Remains(
        String topic,
        long count,
        Instant oldest,
        Instant newest,
        boolean isErasable,
        Optional<Duration> keptFor) {
    /** When the last record will be gone, without an erasure; empty for never. */
    public Optional<Instant> goneBy() {
        return keptFor.map(newest::plus);
    }
}
