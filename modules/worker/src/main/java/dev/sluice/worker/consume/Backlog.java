package dev.sluice.worker.consume;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * The age of the jobs that are fetched and not started, by model and priority. Written by the poll
 * thread, once per round; read by any thread.
 */
final class Backlog {
    private final InstantSource clock;
    private volatile Map<JobSource, Long> oldest = Map.of();

    /**
     * @param clock the system clock, because records carry its time
     */
    Backlog(InstantSource clock) {
        this.clock = clock;
    }

    /** The timestamps of one round. */
    static final class Round {
        private final Map<JobSource, Long> oldest = new HashMap<>();

        /** Adds the oldest waiting job of a partition by its record's timestamp. */
        void add(JobSource source, long timestamp) {
            oldest.merge(source, timestamp, Math::min);
        }
    }

    void replaceWith(Round round) {
        oldest = Map.copyOf(round.oldest);
    }

    /** Age in seconds of the oldest job; 0 if none waits. */
    double seconds(JobSource source) {
        Long timestamp = oldest.get(source);
        return timestamp == null ? 0 : Math.max(0, clock.millis() - timestamp) / 1_000.0;
    }
}
