package dev.sluice.analysis.call;

import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.ReplyFacts;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.TokenUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * Record of one call to a model, for accounting.
 *
 * @param attempt number of the call within the job, from 1
 * @param facts what the provider reported besides the answer
 * @param cost zero for calls that the provider does not charge, the worst case for an unconfirmed
 *     one
 */
public record Call(
        UUID id,
        int attempt,
        Purpose purpose,
        Deployment deployment,
        Ending ending,
        ReplyFacts facts,
        TokenUsage usage,
        Cost cost,
        Instant startedAt,
        Duration duration) {

    /** Purpose of a call: the analysis, or a repair of an invalid answer. */
    public enum Purpose {
        ANALYSIS,
        REPAIR
    }

    /**
     * How a call ended. BLOCKED means that an operator has to fix a fault, UNCONFIRMED that the
     * call was sent and its cost is not known, for example because its answer was lost.
     */
    public enum Status {
        ANSWERED,
        REFUSED,
        THROTTLED,
        BLOCKED,
        UNAVAILABLE,
        REJECTED,
        UNCONFIRMED
    }

    /** How a call ended, with the details the provider reported. */
    public record Ending(
            Status status,
            OptionalInt httpStatus,
            Optional<String> finishReason,
            Optional<String> responseId) {

        /** The same ending with status UNCONFIRMED, for a call whose cost is not known. */
        public Ending unconfirmed() {
            return new Ending(Status.UNCONFIRMED, httpStatus, finishReason, responseId);
        }
    }

    /** Whether the provider reports another model than the requested one. */
    public boolean isServedByAnother() {
        String asked = deployment.endpoint().sentAs();
        String served = facts.servedModel();
        return !served.isEmpty() && !served.contains(asked) && !asked.contains(served);
    }
}
