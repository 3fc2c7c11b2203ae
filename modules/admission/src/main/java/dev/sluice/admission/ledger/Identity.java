package dev.sluice.admission.ledger;

import dev.sluice.contract.AnalysisRequest;
import java.util.Optional;

/**
 * Which request it is: two records with the same are the same request.
 *
 * @param generation how often it was redriven
 */
public record Identity(String user, String requestId, int generation) {
    /** What was redriven; empty if this is no redrive. */
    public Optional<Identity> earlier() {
        return generation == 0
                ? Optional.empty()
                : Optional.of(new Identity(user, requestId, generation - 1));
    }

    public static Identity of(AnalysisRequest request, int generation) {
        return new Identity(
                request.getUserId().toString(), request.getRequestId().toString(), generation);
    }
}
