package dev.sluice.analysis;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** In-memory journal that keeps its entries in order. */
public final class FakeJournal implements CallJournal {
    private final List<String> entries = new ArrayList<>();
    private int callsBefore;
    private Cost costBefore = Cost.ZERO;
    private final List<UUID> callIds = new ArrayList<>();
    private boolean recording = true;
    private Runnable whenStarting = () -> {};

    /** Sets the calls and cost of earlier executions of the job. */
    public void before(int calls, Cost cost) {
        callsBefore = calls;
        costBefore = cost;
    }

    /** Makes it unknown whether the next start is recorded. */
    public void loseNextStart() {
        recording = false;
    }

    /** Sets an action that runs while the next start is recorded. */
    public void whenStarting(Runnable action) {
        whenStarting = action;
    }

    public List<String> entries() {
        return List.copyOf(entries);
    }

    /** Ids of all calls that were starting. */
    public List<UUID> callIds() {
        return List.copyOf(callIds);
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
    public void releaseSlot() {
        entries.add("rest");
    }

    @Override
    public void acquireSlot() {
        entries.add("resume");
    }

    @Override
    public boolean starting(Call ifLost) {
        callIds.add(ifLost.id());
        entries.add("starting " + ifLost.attempt() + " " + ifLost.ending().status());
        Runnable action = whenStarting;
        whenStarting = () -> {};
        action.run();
        boolean recorded = recording;
        recording = true;
        return recorded;
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
