package dev.sluice.evals.run;

import dev.sluice.analysis.price.Cost;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The money of an eval: what was spent, and what runs under way may spend at most, are together
 * never more than the limit. Safe for use by many threads.
 */
final class SpendLimit {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Optional<Cost> limit;
    private Cost taken;
    private int underWay;

    /**
     * @param spent what was spent before
     */
    SpendLimit(Optional<Cost> limit, Cost spent) {
        this.limit = limit;
        this.taken = spent;
    }

    /**
     * Takes the most that a run can cost. Waits for runs under way, which mostly cost less than
     * they have taken.
     *
     * @return whether the run may begin; if not, the money never suffices for it
     */
    boolean take(Cost cap) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!fits(cap)) {
                if (underWay == 0) {
                    return false;
                }
                changed.await();
            }
            taken = taken.plus(cap);
            underWay++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean fits(Cost cap) {
        return limit.map(most -> taken.plus(cap).compareTo(most) <= 0).orElse(true);
    }

    /** A run has ended: what it has not spent of its cap is given back. */
    void ended(Cost cap, Cost spent) {
        lock.lock();
        try {
            taken = taken.minus(cap).plus(spent);
            underWay--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
