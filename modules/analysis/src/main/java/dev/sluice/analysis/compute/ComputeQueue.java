package dev.sluice.analysis.compute;

import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.analysis.task.Priority;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.stream.Stream;

/**
 * Queue of computations that wait for a thread. Interactive computations go first, except for a
 * tenth that is kept for bulk. Judging answers, which are already paid, goes before preparing
 * content, and small computations go before large ones queued a little earlier. Safe for use by
 * many threads.
 */
final class ComputeQueue {
    private static final int BULK_TURN = 10;

    private final Mutex mutex = new Mutex();
    private final Condition added = mutex.condition();
    private final Map<Priority, Map<Step, Lane>> waiting = new EnumMap<>(Priority.class);
    private int turn;

    /** The computations a thread takes. */
    enum Taking {
        ALL,
        SMALL
    }

    /**
     * Waiting computations of one kind. Small ones are kept apart, so that they are found quickly
     * among many large ones.
     */
    private static final class Lane {
        private final Queue<Computation<?>> small = new PriorityQueue<>();
        private final Queue<Computation<?>> large = new PriorityQueue<>();

        void add(Computation<?> computation) {
            (computation.isSmall() ? small : large).add(computation);
        }

        void remove(Computation<?> computation) {
            var _ = (computation.isSmall() ? small : large).remove(computation);
        }

        Optional<Computation<?>> first(Taking taking) {
            return (taking == Taking.SMALL ? Stream.of(small) : Stream.of(small, large))
                    .filter(queue -> !queue.isEmpty())
                    .<Computation<?>>map(Queue::element)
                    .min(Computation::compareTo);
        }

        int size() {
            return small.size() + large.size();
        }

        void cancelAll() {
            small.forEach(waits -> waits.cancel(false));
            large.forEach(waits -> waits.cancel(false));
        }
    }

    ComputeQueue() {
        for (Priority priority : Priority.values()) {
            Map<Step, Lane> steps = new EnumMap<>(Step.class);
            for (Step step : Step.values()) {
                steps.put(step, new Lane());
            }
            waiting.put(priority, steps);
        }
    }

    void add(Computation<?> computation) {
        try (var _ = mutex.hold()) {
            lane(computation.priority(), computation.step()).add(computation);
            // signal() might wake the thread that takes small computations only.
            added.signalAll();
        }
    }

    /** Takes the next computation; waits until there is one. */
    Computation<?> take(Taking taking) throws InterruptedException {
        try (var _ = mutex.hold()) {
            Optional<Computation<?>> next = next(taking);
            while (next.isEmpty()) {
                added.await();
                next = next(taking);
            }
            turn = (turn + 1) % BULK_TURN;
            remove(next.get());
            return next.get();
        }
    }

    void remove(Computation<?> computation) {
        try (var _ = mutex.hold()) {
            lane(computation.priority(), computation.step()).remove(computation);
        }
    }

    void cancelAll() {
        try (var _ = mutex.hold()) {
            waiting.values().forEach(steps -> steps.values().forEach(Lane::cancelAll));
        }
    }

    int size(Priority priority) {
        try (var _ = mutex.hold()) {
            return lane(priority, Step.JUDGE).size() + lane(priority, Step.PREPARE).size();
        }
    }

    private Optional<Computation<?>> next(Taking taking) {
        boolean bulkFirst = turn == BULK_TURN - 1;
        Priority first = bulkFirst ? Priority.BULK : Priority.INTERACTIVE;
        Priority second = bulkFirst ? Priority.INTERACTIVE : Priority.BULK;
        return next(first, taking).or(() -> next(second, taking));
    }

    private Optional<Computation<?>> next(Priority priority, Taking taking) {
        return lane(priority, Step.JUDGE)
                .first(taking)
                .or(() -> lane(priority, Step.PREPARE).first(taking));
    }

    private Lane lane(Priority priority, Step step) {
        Lane lane = waiting.getOrDefault(priority, Map.of()).get(step);
        if (lane == null) {
            throw new IllegalStateException("no lane for " + priority + " " + step);
        }
        return lane;
    }
}
