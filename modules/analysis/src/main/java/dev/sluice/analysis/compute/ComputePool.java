package dev.sluice.analysis.compute;

import dev.sluice.analysis.compute.ComputeQueue.Taking;
import dev.sluice.analysis.compute.Computed.Done;
import dev.sluice.analysis.compute.Computed.Stopped;
import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.analysis.task.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread pool for CPU-bound work, on few platform threads, so that the work does not hold up the
 * virtual threads on which all jobs wait for models. One additional thread runs small pieces only.
 * A computation is cut off when it exceeds its limit of CPU time. A computation that does not react
 * keeps its thread and is counted as stuck; a new thread replaces it. Safe for use by many threads.
 */
public final class ComputePool implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ComputePool.class);
    private static final Duration LONGEST_TICK = Duration.ofMillis(50);
    private static final Duration SHORTEST_TICK = Duration.ofMillis(1);

    private final ComputeLimits limits;
    private final ComputeObserver observer;
    private final ComputeQueue queue = new ComputeQueue();
    private final Mutex mutex = new Mutex();
    private final Thread watch;
    private final List<ComputeThread> threads = new ArrayList<>();
    private final List<ComputeThread> stuck = new ArrayList<>();
    private int started;
    private volatile boolean closed;

    private ComputePool(ComputeLimits limits, ComputeObserver observer) {
        this.limits = limits;
        this.observer = observer;
        this.watch = Thread.ofPlatform().name("compute-watch").daemon().unstarted(this::watch);
    }

    public static ComputePool start(ComputeLimits limits, ComputeObserver observer) {
        ComputePool pool = new ComputePool(limits, observer);
        for (int i = 0; i < limits.threads(); i++) {
            pool.addThread(Taking.ALL);
        }
        // Small pieces take milliseconds. They share the last core and do not wait for large ones.
        pool.addThread(Taking.SMALL);
        pool.watch.start();
        return pool;
    }

    /**
     * Runs a computation and waits for its end.
     *
     * @param characters size of the input
     * @param work must {@linkplain CutOff#check check} regularly whether it may continue; its
     *     exceptions are thrown here
     * @throws InterruptedException if the caller is interrupted; the computation is then cut off
     * @throws IllegalStateException if the pool is closed
     */
    public <T> Computed<T> run(Priority priority, Step step, long characters, Callable<T> work)
            throws InterruptedException {
        Computation<T> computation = new Computation<>(priority, step, characters, work);
        queue.add(computation);
        if (closed) {
            var _ = computation.cancel(false);
        }
        try {
            T value = computation.get();
            observe(computation);
            return new Done<>(value);
        } catch (CancellationException e) {
            if (!computation.isCutOff()) {
                throw new IllegalStateException("nothing is computed any more", e);
            }
            observe(computation);
            return new Stopped<>(
                    step.words()
                            + " took more than "
                            + limits.timeout().toMillis() / 1_000.0
                            + " s of CPU time and was cut off");
        } catch (ExecutionException e) {
            observe(computation);
            throw rethrown(e);
        } catch (InterruptedException e) {
            queue.remove(computation);
            var _ = computation.cancel(true);
            throw e;
        }
    }

    /** Number of computations that wait for a thread. */
    public int waiting(Priority priority) {
        return queue.size(priority);
    }

    /** Number of threads whose computation was cut off and has not ended. */
    public int stuck() {
        try (var _ = mutex.hold()) {
            return stuck.size();
        }
    }

    @Override
    public void close() {
        closed = true;
        watch.interrupt();
        try (var _ = mutex.hold()) {
            threads.forEach(ComputeThread::dismiss);
            threads.clear();
        }
        queue.cancelAll();
    }

    private void observe(Computation<?> computation) {
        observer.computed(
                computation.step(),
                computation.waited(),
                computation.took(),
                computation.isCutOff());
    }

    private static RuntimeException rethrown(ExecutionException failed) {
        return switch (failed.getCause()) {
            case Error error -> throw error;
            case RuntimeException unchecked -> unchecked;
            case null, default -> new IllegalStateException(failed);
        };
    }

    private void addThread(Taking taking) {
        try (var _ = mutex.hold()) {
            ComputeThread thread = new ComputeThread(queue, taking, ++started);
            threads.add(thread);
            thread.start();
        }
    }

    private void watch() {
        Duration tick = limits.timeout().dividedBy(20);
        tick = tick.compareTo(LONGEST_TICK) > 0 ? LONGEST_TICK : tick;
        tick = tick.compareTo(SHORTEST_TICK) < 0 ? SHORTEST_TICK : tick;
        try {
            while (!closed) {
                Thread.sleep(tick);
                watchThreads();
            }
        } catch (InterruptedException e) {
            log.atDebug().log("computations are not watched any more");
        }
    }

    private void watchThreads() {
        try (var _ = mutex.hold()) {
            stuck.removeIf(thread -> thread.watch(limits.timeout()) == ComputeThread.State.ENDED);
            for (ComputeThread thread : List.copyOf(threads)) {
                ComputeThread.State state = thread.watch(limits.timeout());
                if (state != ComputeThread.State.GOING_ON && !closed) {
                    replace(thread, state);
                }
            }
        }
    }

    private void replace(ComputeThread thread, ComputeThread.State state) {
        threads.remove(thread);
        if (state == ComputeThread.State.STUCK) {
            stuck.add(thread);
        }
        log.atError()
                .addKeyValue("stuck", stuck.size())
                .log(
                        state == ComputeThread.State.STUCK
                                ? "a computation ignored its timeout; a new thread replaces its"
                                        + " thread"
                                : "a compute thread died; a new thread replaces it");
        addThread(thread.taking());
    }
}
