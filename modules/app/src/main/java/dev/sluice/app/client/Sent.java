package dev.sluice.app.client;

import dev.sluice.analysis.concurrent.Mutex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** What became of the requests that were sent. Safe for use by many threads. */
public final class Sent {
    private final Mutex mutex = new Mutex();
    private final List<String> rejected = new ArrayList<>();
    private Optional<Exception> unanswered = Optional.empty();
    private long sent;
    private long published;

    public void begin() {
        try (var _ = mutex.hold()) {
            sent++;
        }
    }

    public void ended(String requestId, Optional<Exception> failure) {
        try (var _ = mutex.hold()) {
            if (failure.isEmpty()) {
                published++;
            } else if (isRejection(failure.get())) {
                rejected.add(requestId + ": " + failure.get().getMessage());
            } else if (unanswered.isEmpty()) {
                unanswered = failure;
            }
        }
    }

    /** Whether the brokers answered that they do not take this record. */
    private static boolean isRejection(Exception failure) {
        return failure instanceof RecordTooLargeException
                || failure instanceof InvalidRecordException
                || failure instanceof InvalidTimestampException;
    }

    /** Throws the first failure that is not about a record alone. */
    public void throwIfUnanswered() {
        try (var _ = mutex.hold()) {
            if (unanswered.isPresent()) {
                throw new IllegalStateException(
                        published
                                + " requests are published, and the brokers do not take more ("
                                + unanswered.get().getMessage()
                                + "); do the same again, what is published is not paid twice",
                        unanswered.get());
            }
        }
    }

    public long sent() {
        try (var _ = mutex.hold()) {
            return sent;
        }
    }

    public long published() {
        try (var _ = mutex.hold()) {
            return published;
        }
    }

    public List<String> rejected() {
        try (var _ = mutex.hold()) {
            return List.copyOf(rejected);
        }
    }
}
