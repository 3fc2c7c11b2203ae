package dev.sluice.admission;

import dev.sluice.contract.AnalysisRequest;

/**
 * Which request it is: two records with the same are the same request.
 *
 * @param generation how often it was redriven
 */
record Identity(String user, String requestId, int generation) {
    static Identity of(AnalysisRequest request, int generation) {
        return new Identity(
                request.getUserId().toString(), request.getRequestId().toString(), generation);
    }
}
