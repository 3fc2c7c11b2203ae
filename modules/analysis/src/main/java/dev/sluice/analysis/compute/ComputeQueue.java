package dev.sluice.analysis.compute;

import dev.sluice.analysis.Urgency;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/**
 * Computations that wait for a thread. Interactive ones go first, but for a tenth that is kept for
 * bulk; answers, which are paid, go before new content. Safe for use by many threads.
 */
final class ComputeQueue {
    private static final int BULK_TURN = 10;

    private final Map<Urgency, Map<Step, Deque<Computation<?>>>> waiting =
            new EnumMap<>(Urgency.class);

    private int turn;

    ComputeQueue() {
        for (Urgency urgency : Urgency.values()) {
            Map<Step, Deque<Computation<?>>> steps = new EnumMap<>(Step.class);
            for (Step step : Step.values()) {
                steps.put(step, new ArrayDeque<>());
            }
            waiting.put(urgency, steps);
        }
    }

    synchronized void add(Computation<?> computation) {
        line(computation.urgency(), computation.step()).addLast(computation);
        notify();
    }

    /** The next one, once there is one. */
    synchronized Computation<?> take() throws InterruptedException {
        while (size(Urgency.INTERACTIVE) + size(Urgency.BULK) == 0) {
            wait();
        }
        turn = (turn + 1) % BULK_TURN;
        boolean bulkFirst = turn == 0 || size(Urgency.INTERACTIVE) == 0;
        Urgency urgency = bulkFirst && size(Urgency.BULK) > 0 ? Urgency.BULK : Urgency.INTERACTIVE;
        Deque<Computation<?>> answers = line(urgency, Step.JUDGE);
        return (answers.isEmpty() ? line(urgency, Step.PREPARE) : answers).removeFirst();
    }

    synchronized void remove(Computation<?> computation) {
        var _ = line(computation.urgency(), computation.step()).remove(computation);
    }

    synchronized void cancelAll() {
        for (Map<Step, Deque<Computation<?>>> steps : waiting.values()) {
            steps.values().forEach(line -> line.forEach(waits -> waits.cancel(false)));
        }
    }

    synchronized int size(Urgency urgency) {
        return line(urgency, Step.JUDGE).size() + line(urgency, Step.PREPARE).size();
    }

    private Deque<Computation<?>> line(Urgency urgency, Step step) {
        Deque<Computation<?>> line = waiting.getOrDefault(urgency, Map.of()).get(step);
        if (line == null) {
            throw new IllegalStateException("no line for " + urgency + " " + step);
        }
        return line;
    }
}
