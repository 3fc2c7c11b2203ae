package dev.sluice.analysis.guard;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Budget of one job: its calls so far, the part of its cap they have used, and its failed tries.
 * Confined to the job's thread.
 */
public final class JobBudget {
    private final AnalysisTask task;
    private final List<Call> calls = new ArrayList<>();
    private final Tries tries = new Tries();
    private Cost spent = Cost.ZERO;

    public JobBudget(AnalysisTask task) {
        this.task = task;
    }

    /** All calls so far, in order. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    Priority priority() {
        return task.priority();
    }

    Instant deadline() {
        return task.deadline();
    }

    Tries tries() {
        return tries;
    }

    CallJournal journal() {
        return task.journal();
    }

    int nextAttempt() {
        return journal().callsBefore() + calls.size() + 1;
    }

    Optional<ModelPrice> price(String modelId) {
        return task.prices().stream().filter(price -> price.modelId().equals(modelId)).findFirst();
    }

    boolean covers(Cost worstCost) {
        return used().plus(worstCost).compareTo(task.cap()) <= 0;
    }

    void book(Call call) {
        calls.add(call);
        spent = spent.plus(call.cost());
    }

    String remaining() {
        return task.cap().minus(used()) + " of " + task.cap() + " USD";
    }

    private Cost used() {
        return journal().costBefore().plus(spent);
    }
}
