package dev.sluice.runtime.kafka;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Which records of a topic are read, by their timestamps and offsets.
 *
 * @param since the first time
 * @param until the first time that is too late; empty for any
 * @param ends for each partition the first offset that is too late; empty for the end of the topic.
 *     Partitions that are missing then are not read
 */
public record TopicRange(Instant since, Optional<Instant> until, Map<Integer, Long> ends) {
    public TopicRange {
        ends = Map.copyOf(ends);
    }

    /** The records of that time or later. */
    public static TopicRange since(Instant since) {
        return new TopicRange(since, Optional.empty(), Map.of());
    }

    /** Whether a record is one of them. */
    public boolean has(int partition, long offset, Instant timestamp) {
        return !timestamp.isBefore(since)
                && until.map(timestamp::isBefore).orElse(true)
                && (ends.isEmpty() || offset < ends.getOrDefault(partition, 0L));
    }
}
