package dev.sluice.analysis;

import dev.sluice.analysis.price.Cost;
import java.util.ArrayList;
import java.util.List;

/** A journal in memory that notes what is put on record, in its order. */
public final class FakeJournal implements CallJournal {
    private final List<String> entries = new ArrayList<>();
    private int callsBefore;
    private Cost costBefore = Cost.ZERO;
    private Runnable whenStarting = () -> {};

    /** What earlier lives of the job have done. */
    public void before(int calls, Cost cost) {
        callsBefore = calls;
        costBefore = cost;
    }

    /** What happens while the next start is put on record. */
    public void whenStarting(Runnable action) {
        whenStarting = action;
    }

    public List<String> entries() {
        return List.copyOf(entries);
    }

    public void note(String event) {
        entries.add(event);
    }

    @Override
    public int callsBefore() {
        return callsBefore;
    }

    @Override
    public Cost costBefore() {
        return costBefore;
    }

    @Override
    public void enter() {}

    @Override
    public void leave() {}

    @Override
    public void starting(Call ifLost) {
        entries.add("starting " + ifLost.attempt() + " " + ifLost.ending().status());
        Runnable action = whenStarting;
        whenStarting = () -> {};
        action.run();
    }

    @Override
    public void withdrawn(Call call) {
        entries.add("withdrawn " + call.attempt());
    }

    @Override
    public void ended(Call call) {
        entries.add("ended " + call.attempt() + " " + call.ending().status());
    }
}
