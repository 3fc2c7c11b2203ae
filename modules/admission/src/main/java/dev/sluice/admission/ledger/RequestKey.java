package dev.sluice.admission.ledger;

import dev.sluice.contract.AnalysisRequest;
import java.util.Optional;

/**
 * The identity of a request: records with the same user, requestId and generation are duplicates.
 *
 * @param generation number of times the request was redriven
 */
public record RequestKey(String user, String requestId, int generation) {
    /** The request that was redriven; empty if this request is not a redrive. */
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
