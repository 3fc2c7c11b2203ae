package dev.sluice.admission.canary;

import dev.sluice.admission.ledger.CostEstimate;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.contract.CanaryTrial;
import java.util.Optional;

/**
 * The part of a request in a trial.
 *
 * @param isCanary whether it goes to the canary
 * @param elsewhere what the request would be at the other version; empty if that cannot be priced
 */
public record TrialShare(Trial trial, boolean isCanary, Optional<Elsewhere> elsewhere) {
    /**
     * A request at the version that it does not go to.
     *
     * @param need the worst-case cost of its job
     * @param content identity of its content; empty if its outcome is not shared
     */
    public record Elsewhere(CostEstimate need, Optional<ContentKey> content) {}

    /** What the job of the request says of the trial. */
    public CanaryTrial inJob(long cohort) {
        return CanaryTrial.newBuilder()
                .setId(trial.id())
                .setCurrentVersion(trial.current().fingerprint())
                .setCanaryVersion(trial.canary().definition().fingerprint())
                .setCohort(cohort)
                .build();
    }

    /** The version that the request does not go to. */
    public AnalysisDefinition otherVersion() {
        return isCanary ? trial.current() : trial.canary().definition();
    }
}
