package dev.sluice.analysis.compute;

import dev.sluice.analysis.compute.ComputeQueue.Taking;
import dev.sluice.analysis.concurrent.Mutex;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Platform thread of the pool, with the state that the watch thread checks. */
final class ComputeThread implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(ComputeThread.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Stack size; deeply nested answers are processed recursively. */
    private static final long STACK_BYTES = 4L << 20;

    /**
     * Limit of elapsed time, as a multiple of the CPU limit: a thread may get no CPU for a while.
     */
    private static final int WALL_FACTOR = 10;

    /** Time in which a computation must react to being cut off. */
    private static final Duration NOTICE = Duration.ofSeconds(2);

    private final Mutex mutex = new Mutex();
    private final ComputeQueue queue;
    private final Taking taking;
    private final Thread thread;
    private Optional<Run> run = Optional.empty();
    private boolean dismissed;

    /**
     * A computation in progress.
     *
     * @param startedAt nanoseconds of {@link System#nanoTime}
     * @param cpuBefore CPU time of the thread when the watch first saw the computation, in
     *     nanoseconds
     * @param endedAt when it was cut off or cancelled, in nanoseconds
     */
    private record Run(
            Computation<?> computation,
            long startedAt,
            OptionalLong cpuBefore,
            OptionalLong endedAt) {
        Run seen(long cpu) {
            return new Run(computation, startedAt, OptionalLong.of(cpu), endedAt);
        }

        Run ended(long now) {
            return new Run(computation, startedAt, cpuBefore, OptionalLong.of(now));
        }
    }

    /** State of a thread. */
    enum State {
        GOING_ON,
        /** The computation was cut off and has not ended. */
        STUCK,
        ENDED
    }

    ComputeThread(ComputeQueue queue, Taking taking, int number) {
        this.queue = queue;
        this.taking = taking;
        this.thread = new Thread(null, this, "compute-" + number, STACK_BYTES);
        this.thread.setDaemon(true);
    }

    Taking taking() {
        return taking;
    }

    void start() {
        thread.start();
    }

    /** Interrupts the current computation; the thread takes no further ones. */
    void dismiss() {
        try (var _ = mutex.hold()) {
            dismissed = true;
            run.ifPresent(current -> current.computation().cancel(true));
            thread.interrupt();
        }
    }

    @Override
    public void run() {
        try {
            while (!isDismissed()) {
                Computation<?> next = queue.take(taking);
                begin(next);
                next.run();
                end();
            }
        } catch (InterruptedException e) {
            log.atDebug().log("compute thread ends");
        }
    }

    private boolean isDismissed() {
        try (var _ = mutex.hold()) {
            return dismissed;
        }
    }

    private void begin(Computation<?> next) {
        try (var _ = mutex.hold()) {
            run =
                    Optional.of(
                            new Run(
                                    next,
                                    System.nanoTime(),
                                    OptionalLong.empty(),
                                    OptionalLong.empty()));
        }
    }

    private void end() {
        try (var _ = mutex.hold()) {
            run = Optional.empty();
            if (!dismissed) {
                // An interrupt of this computation must not affect the next one.
                var _ = Thread.interrupted();
            }
        }
    }

    /** Cuts off a computation that exceeded its time; returns the thread's state. */
    State watch(Duration timeout) {
        try (var _ = mutex.hold()) {
            if (!thread.isAlive()) {
                return State.ENDED;
            }
            if (run.isEmpty()) {
                return State.GOING_ON;
            }
            Run current = run.get();
            long now = System.nanoTime();
            if (current.endedAt().isPresent()) {
                // Needs the lock, so that the thread cannot start another computation meanwhile.
                dismissed = now - current.endedAt().getAsLong() > NOTICE.toNanos();
                return dismissed ? State.STUCK : State.GOING_ON;
            }
            long cpu = cpu();
            if (isOverdue(current, now, cpu, timeout)) {
                current.computation().cutOff();
            }
            if (current.computation().isCancelled()) {
                run = Optional.of(current.ended(now));
            } else if (current.cpuBefore().isEmpty()) {
                run = Optional.of(current.seen(cpu));
            }
            return State.GOING_ON;
        }
    }

    private static boolean isOverdue(Run current, long now, long cpu, Duration timeout) {
        return cpu - current.cpuBefore().orElse(cpu) > timeout.toNanos()
                || now - current.startedAt() > WALL_FACTOR * timeout.toNanos();
    }

    private long cpu() {
        return THREADS.isThreadCpuTimeSupported()
                ? Math.max(0, THREADS.getThreadCpuTime(thread.threadId()))
                : System.nanoTime();
    }
}
