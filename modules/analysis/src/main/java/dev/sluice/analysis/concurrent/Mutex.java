package dev.sluice.analysis.concurrent;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock to use instead of {@code synchronized}, wherever virtual threads may wait for it:
 *
 * <pre>{@code
 * try (var _ = mutex.hold()) {
 *     ...
 * }
 * }</pre>
 *
 * <p>A virtual thread that waited for a monitor may go on in compiled code that has become invalid
 * meanwhile, because a class was loaded (JDK 25.0.3, ADR 58). This lock does not have that fault.
 */
public final class Mutex {
    private final ReentrantLock lock = new ReentrantLock();
    private final Held held = lock::unlock;

    /** The lock while it is held. */
    public interface Held extends AutoCloseable {
        /** Releases the lock. */
        @Override
        void close();
    }

    /** Waits for the lock and holds it until the result is closed. A thread may hold it twice. */
    public Held hold() {
        lock.lock();
        return held;
    }

    /**
     * The same, unless the thread is interrupted.
     *
     * @throws InterruptedException if the thread is interrupted before it has the lock
     */
    public Held holdInterruptibly() throws InterruptedException {
        lock.lockInterruptibly();
        return held;
    }

    /** A condition to wait for while the lock is held. */
    public Condition condition() {
        return lock.newCondition();
    }
}
