package dev.sluice.runtime.job;

import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Reservation;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A decoded job record and the request inside it.
 *
 * @param admitted the job as admission wrote it
 * @param request the decoded request, from the job's source record
 */
public record Job(AnalysisJob admitted, AnalysisRequest request) {
    public int generation() {
        return admitted.getGeneration();
    }

    /** The model that the job is for. */
    public String model() {
        return admitted.getModel().toString();
    }

    public Reservation reservation() {
        return admitted.getReservation();
    }

    /** The identity of the request's content; null if the outcome is not shared. */
    public @Nullable ByteBuffer contentKey() {
        return admitted.getContentKey();
    }
}
