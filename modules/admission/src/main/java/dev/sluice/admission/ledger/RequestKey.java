package dev.sluice.admission.ledger;

import dev.sluice.contract.AnalysisRequest;
import java.util.Optional;

/**
 * Which request it is: two records with the same are the same request.
 *
 * @param generation how often it was redriven
 */
public record RequestKey(String user, String requestId, int generation) {
    /** What was redriven; empty if this is no redrive. */
    public Optional<RequestKey> earlier() {
        return generation == 0
                ? Optional.empty()
                : Optional.of(new RequestKey(user, requestId, generation - 1));
    }

    public static RequestKey of(AnalysisRequest request, int generation) {
        return new RequestKey(
                request.getUserId().toString(), request.getRequestId().toString(), generation);
    }
}
