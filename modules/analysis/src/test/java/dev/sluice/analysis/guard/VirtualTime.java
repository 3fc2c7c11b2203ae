package dev.sluice.analysis.guard;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Virtual clock that stands still while any worker runs and jumps to the next wake-up when all
 * wait.
 */
final class VirtualTime implements InstantSource, Sleeper {
    private record Sleeper(
            Instant until, long order, Semaphore waker, Thread thread, AtomicBoolean cancelled) {}

    private final PriorityQueue<Sleeper> sleepers =
            new PriorityQueue<>(Comparator.comparing(Sleeper::until).thenComparing(Sleeper::order));
    private final Semaphore ended = new Semaphore(0);
    private Instant now;
    private int awake;
    private long order;
    private long waits;

    VirtualTime(Instant start) {
        now = start;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    /** Sets the time; no worker may be waiting. */
    synchronized void set(Instant instant) {
        now = instant;
    }

    /** Number of waits so far. */
    synchronized long waits() {
        return waits;
    }

    @Override
    public void until(Instant instant) throws InterruptedException {
        sleep().until(instant);
    }

    @Override
    public Sleep sleep() {
        return new Wait();
    }

    /** One thread's wait. A wake-up before it begins ends it at once. */
    private final class Wait implements Sleep {
        private final Semaphore waker = new Semaphore(0);
        private @Nullable Sleeper sleeper;
        private final AtomicBoolean cancelled = new AtomicBoolean();
        private boolean woken;

        @Override
        public void until(Instant instant) throws InterruptedException {
            synchronized (VirtualTime.this) {
                waits++;
                if (woken || !instant.isAfter(now)) {
                    woken = false;
                    return;
                }
                sleeper = new Sleeper(instant, order++, waker, Thread.currentThread(), cancelled);
                sleepers.add(sleeper);
                rests();
            }
            waker.acquire();
            if (cancelled.get()) {
                throw new InterruptedException("cancelled");
            }
        }

        @Override
        public void wake() {
            synchronized (VirtualTime.this) {
                if (sleeper != null && sleepers.remove(sleeper)) {
                    awake++;
                    waker.release();
                } else {
                    woken = true;
                }
            }
        }
    }

    /** Interrupts a thread if it waits. */
    synchronized void interrupt(Thread thread) {
        Optional<Sleeper> waiting =
                sleepers.stream().filter(sleeper -> sleeper.thread().equals(thread)).findFirst();
        waiting.ifPresent(sleeper -> {
            sleepers.remove(sleeper);
            sleeper.cancelled().set(true);
            awake++;
            sleeper.waker().release();
        });
    }

    /** Runs jobs, each on a thread of its own, until all have ended. */
    void run(List<Runnable> jobs) throws InterruptedException {
        synchronized (this) {
            awake = jobs.size();
        }
        for (Runnable job : jobs) {
            var _ =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    job.run();
                                } finally {
                                    rests();
                                    ended.release();
                                }
                            });
        }
        ended.acquire(jobs.size());
    }

    /** Marks one worker as waiting; the last one advances the time to the next wake-up. */
    private synchronized void rests() {
        awake--;
        Sleeper next = awake > 0 ? null : sleepers.poll();
        if (next != null) {
            now = next.until();
            awake = 1;
            next.waker().release();
        }
    }
}
