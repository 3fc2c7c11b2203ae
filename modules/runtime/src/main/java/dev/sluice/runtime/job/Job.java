package dev.sluice.runtime.job;

import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Reservation;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A job and the request in it.
 *
 * @param admitted as admission wrote it
 * @param request what its source record says
 */
public record Job(AnalysisJob admitted, AnalysisRequest request) {
    public int generation() {
        return admitted.getGeneration();
    }

    /** The model whose queue it is in. */
    public String model() {
        return admitted.getModel().toString();
    }

    public Reservation reservation() {
        return admitted.getReservation();
    }

    /** What is asked, where the outcome may answer others. */
    public @Nullable ByteBuffer contentKey() {
        return admitted.getContentKey();
    }
}
