package dev.sluice.analysis.concurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Virtual threads queue at a lock while its holder loads a class, by which compiled code becomes
 * invalid. Ends with an error if one of them runs that code afterwards.
 */
final class QueueAtLock {
    private static final Mutex MUTEX = new Mutex();
    private static final AtomicReference<State> STATE = new AtomicReference<>(new Closed());
    private static final AtomicReference<Optional<Throwable>> FAILURE =
            new AtomicReference<>(Optional.empty());
    private static volatile boolean stop;

    private QueueAtLock() {}

    private interface State {
        boolean permits();
    }

    private static final class Closed implements State {
        @Override
        public boolean permits() {
            return true;
        }
    }

    /** Not loaded until {@link #open}. */
    private static final class Open implements State {
        @Override
        public boolean permits() {
            return false;
        }
    }

    public static void main(String[] args) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            threads.add(Thread.ofVirtual().start(QueueAtLock::enterOften));
        }
        // Long enough for the compiler.
        Thread.sleep(1_000);
        open();
        Thread.sleep(100);
        stop = true;
        for (Thread thread : threads) {
            thread.join();
        }
        FAILURE.get()
                .ifPresent(failure -> {
                    throw new IllegalStateException(failure);
                });
    }

    private static boolean enter() {
        try (var _ = MUTEX.hold()) {
            return STATE.get().permits();
        }
    }

    private static void open() throws InterruptedException {
        try (var _ = MUTEX.hold()) {
            // The others come to the lock meanwhile.
            Thread.sleep(5);
            STATE.set(new Open());
        }
    }

    private static void enterOften() {
        try {
            for (int i = 1; !stop; i++) {
                boolean _ = enter();
                if (i % 16 == 0) {
                    Thread.sleep(1);
                }
            }
        } catch (InterruptedException | Error e) {
            FAILURE.set(Optional.of(e));
        }
    }
}
