package dev.sluice.admission.ledger;

import dev.sluice.contract.AnalysisRequest;

/**
 * Which request it is: two records with the same are the same request.
 *
 * @param generation how often it was redriven
 */
public record Identity(String user, String requestId, int generation) {
    public static Identity of(AnalysisRequest request, int generation) {
        return new Identity(
                request.getUserId().toString(), request.getRequestId().toString(), generation);
    }
}
