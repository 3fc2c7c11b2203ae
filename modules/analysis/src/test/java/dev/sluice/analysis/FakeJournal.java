package dev.sluice.analysis;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A journal in memory that notes what is put on record, in its order. */
public final class FakeJournal implements CallJournal {
    private final List<String> entries = new ArrayList<>();
    private int callsBefore;
    private Cost costBefore = Cost.ZERO;
    private final List<UUID> callIds = new ArrayList<>();
    private boolean recording = true;
    private Runnable whenStarting = () -> {};

    /** What earlier executions of the job have done. */
    public void before(int calls, Cost cost) {
        callsBefore = calls;
        costBefore = cost;
    }

    /** Nobody knows whether the next start is on record. */
    public void loseNextStart() {
        recording = false;
    }

    /** What happens while the next start is put on record. */
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
