package dev.sluice.runtime.telemetry;

import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Stage;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The newest dead letters of this process, without anything of a request's content. Safe for use by
 * many threads.
 */
public final class RecentDeadLetters {
    private static final int KEPT = 20;

    private final Mutex mutex = new Mutex();
    private final Deque<Entry> newest = new ArrayDeque<>();

    /**
     * A dead letter.
     *
     * @param requestId empty if the record cannot be read, or its ids are not valid; so is userId
     * @param analysis {@code unknown} if the request names none that is known
     * @param stage where the request ended
     */
    public record Entry(
            Instant at,
            String requestId,
            String userId,
            String analysis,
            Reason reason,
            Stage stage) {}

    /** Adds a dead letter; the oldest one makes room for it. */
    public void add(Entry entry) {
        try (var _ = mutex.hold()) {
            newest.addFirst(entry);
            if (newest.size() > KEPT) {
                newest.removeLast();
            }
        }
    }

    /** The dead letters, the newest first. */
    public List<Entry> newestFirst() {
        try (var _ = mutex.hold()) {
            return List.copyOf(newest);
        }
    }
}
