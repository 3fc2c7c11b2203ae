package dev.sluice.app.calls;

import dev.sluice.contract.ModelCall;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which calls are meant.
 *
 * @param since the first time at which rows were written
 * @param until the first time that is too late; empty for now
 */
public record CallFilter(
        Instant since,
        Optional<Instant> until,
        Optional<String> userId,
        Optional<String> requestId,
        Optional<String> analysis,
        Optional<String> model,
        Optional<String> runId) {
    /** Whether a record of this key may be meant; the key is the userId. */
    boolean mayMean(String key) {
        return userId.isEmpty() || userId.get().equals(key);
    }

    boolean means(ModelCall call) {
        return matches(userId, call.getUserId())
                && matches(requestId, call.getRequestId())
                && matches(analysis, call.getAnalysis())
                && matches(model, call.getModel())
                && matches(runId, call.getRunId());
    }

    private static boolean matches(Optional<String> wanted, @Nullable CharSequence field) {
        return wanted.isEmpty() || (field != null && wanted.get().contentEquals(field));
    }
}
