package dev.sluice.app.cli;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The calls for one file, kept so that those of a file that is cut off can be shown. */
final class CallLog implements CallJournal {
    private final List<Call> ended = new CopyOnWriteArrayList<>();
    private final Progress progress;

    CallLog(Progress progress) {
        this.progress = progress;
    }

    /** All calls that ended, in their order; one that was cut off is booked at its worst case. */
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
