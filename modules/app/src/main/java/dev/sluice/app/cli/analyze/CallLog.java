package dev.sluice.app.cli.analyze;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.NoJournal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Collects the calls for one file, so that they can be shown even if the file runs into its
 * deadline.
 */
final class CallLog extends NoJournal {
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
    public boolean starting(Call ifLost) {
        progress.asks(ifLost.deployment().model());
        return true;
    }

    @Override
    public void ended(Call call) {
        ended.add(call);
    }
}
