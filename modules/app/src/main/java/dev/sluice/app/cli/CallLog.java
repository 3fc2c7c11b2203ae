package dev.sluice.app.cli;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Collects the calls for one file, so that they can be shown even if the file runs into its
 * deadline.
 */
final class CallLog implements CallJournal {
    private final List<Call> ended = new CopyOnWriteArrayList<>();
    private final Progress progress;

    CallLog(Progress progress) {
        this.progress = progress;
    }

    /**
     * All ended calls in their order. A call that the deadline cut off is listed at its worst case.
     */
    List<Call> calls() {
        return List.copyOf(ended);
    }

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
        progress.asks(ifLost.deployment().model());
        return true;
    }

    @Override
    public void withdrawn(Call call) {}

    @Override
    public void ended(Call call) {
        ended.add(call);
    }
}
