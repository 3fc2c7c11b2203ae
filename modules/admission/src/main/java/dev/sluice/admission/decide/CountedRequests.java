package dev.sluice.admission.decide;

import dev.sluice.admission.canary.TrialShare;
import dev.sluice.admission.ceiling.CeilingDecision;
import dev.sluice.admission.decide.AdmissionDecider.TaskState;
import dev.sluice.admission.decide.WaitQueue.WaitingFor;
import dev.sluice.admission.ledger.BudgetDecision;
import dev.sluice.admission.ledger.CostEstimate;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.admission.sharing.Shared;
import dev.sluice.admission.validate.ValidRequest;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Which requests count for the trial of a canary: those for which it does not matter to which
 * version they go.
 */
final class CountedRequests {
    private final TaskState state;
    private final InstantSource clock;

    CountedRequests(TaskState state, InstantSource clock) {
        this.state = state;
        this.clock = clock;
    }

    /**
     * The part in its trial of a request that is admitted; empty if it does not count. Neither
     * version has an outcome or a job for its content (otherwise the version with fewer requests
     * would share fewer outcomes, and fail more often for that alone), it did not wait for one, and
     * the other version's job would be admitted, too.
     *
     * @param from the queue in which the request waited; empty for a new request
     */
    Optional<TrialShare> share(ValidRequest request, Optional<WaitingFor> from) {
        return request.trial().filter(share -> counts(request, share, from));
    }

    private boolean counts(ValidRequest request, TrialShare share, Optional<WaitingFor> from) {
        return from.filter(WaitingFor::isOutcome).isEmpty()
                && share.elsewhere()
                        .filter(_ -> isFree(request, request.content()))
                        .filter(other -> isFree(request, other.content()))
                        .filter(other -> isAffordable(request, other.need()))
                        .isPresent();
    }

    private boolean isFree(ValidRequest request, Optional<ContentKey> content) {
        return content.flatMap(key -> state.shared().find(request.user(), key, clock.instant()))
                .filter(shared ->
                        !(shared instanceof Shared.Answered answered) || answered.isResult())
                .isEmpty();
    }

    private boolean isAffordable(ValidRequest request, CostEstimate need) {
        return state.ledger().ask(request.user(), request.day(), need)
                        instanceof BudgetDecision.Granted(var granted)
                && state.globalBudget()
                                .fit(request.definition().name(), request.day(), need, granted)
                        instanceof CeilingDecision.Fits;
    }
}
