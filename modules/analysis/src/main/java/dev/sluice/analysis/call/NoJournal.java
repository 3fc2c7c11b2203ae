package dev.sluice.analysis.call;

import dev.sluice.analysis.price.Cost;

/** A journal that records nothing: its job has no earlier calls, and its calls never wait. */
public class NoJournal implements CallJournal {
    @Override
    public int callsBefore() {
        return 0;
    }

    @Override
    public Cost costBefore() {
        return Cost.ZERO;
    }

    @Override
    public void releaseSlot() {}

    @Override
    public void acquireSlot() {}

    @Override
    public boolean starting(Call ifLost) {
        return true;
    }

    @Override
    public void withdrawn(Call call) {}

    @Override
    public void ended(Call call) {}
}
