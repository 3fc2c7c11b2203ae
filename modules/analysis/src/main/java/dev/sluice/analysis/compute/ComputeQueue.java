package dev.sluice.analysis.compute;

import dev.sluice.analysis.task.Priority;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.stream.Stream;

/**
 * Computations that wait for a thread. Interactive ones go first, but for a tenth that is kept for
 * bulk; answers, which are paid, go before new content, and small ones before large ones that came
 * a little earlier. Safe for use by many threads.
 */
final class ComputeQueue {
    private static final int BULK_TURN = 10;

    private final Map<Priority, Map<Step, Line>> waiting = new EnumMap<>(Priority.class);
    private int turn;

    /** Which computations a thread takes. */
    enum Taking {
        ALL,
        SMALL
    }

    /** Those of one kind; the small ones apart, so that they are found among many large ones. */
    private static final class Line {
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
            Map<Step, Line> steps = new EnumMap<>(Step.class);
            for (Step step : Step.values()) {
                steps.put(step, new Line());
            }
            waiting.put(priority, steps);
        }
    }

    synchronized void add(Computation<?> computation) {
        line(computation.priority(), computation.step()).add(computation);
        // One that takes small ones only may be the one that a notify would wake.
        notifyAll();
    }

    /** The next one, once there is one. */
    synchronized Computation<?> take(Taking taking) throws InterruptedException {
        Optional<Computation<?>> next = next(taking);
        while (next.isEmpty()) {
            wait();
            next = next(taking);
        }
        turn = (turn + 1) % BULK_TURN;
        remove(next.get());
        return next.get();
    }

    synchronized void remove(Computation<?> computation) {
        line(computation.priority(), computation.step()).remove(computation);
    }

    synchronized void cancelAll() {
        waiting.values().forEach(steps -> steps.values().forEach(Line::cancelAll));
    }

    synchronized int size(Priority priority) {
        return line(priority, Step.JUDGE).size() + line(priority, Step.PREPARE).size();
    }

    private Optional<Computation<?>> next(Taking taking) {
        boolean bulkFirst = turn == BULK_TURN - 1;
        Priority first = bulkFirst ? Priority.BULK : Priority.INTERACTIVE;
        Priority second = bulkFirst ? Priority.INTERACTIVE : Priority.BULK;
        return next(first, taking).or(() -> next(second, taking));
    }

    private Optional<Computation<?>> next(Priority priority, Taking taking) {
        return line(priority, Step.JUDGE)
                .first(taking)
                .or(() -> line(priority, Step.PREPARE).first(taking));
    }

    private Line line(Priority priority, Step step) {
        Line line = waiting.getOrDefault(priority, Map.of()).get(step);
        if (line == null) {
            throw new IllegalStateException("no line for " + priority + " " + step);
        }
        return line;
    }
}
