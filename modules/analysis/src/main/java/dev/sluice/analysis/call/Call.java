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
 * One call to a model as it is accounted for.
 *
 * @param attempt number within the job, from 1
 * @param facts what else the provider said
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

    /** What a call is for. */
    public enum Purpose {
        ANALYSIS,
        REPAIR
    }

    /**
     * How a call ended. BLOCKED means that an operator has to mend something, UNCONFIRMED that it
     * was sent and its answer lost.
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

    /** How a call ended, with what the provider said of it. */
    public record Ending(
            Status status,
            OptionalInt httpStatus,
            Optional<String> finishReason,
            Optional<String> responseId) {

        /** The same, where nobody knows what the call costs. */
        public Ending unconfirmed() {
            return new Ending(Status.UNCONFIRMED, httpStatus, finishReason, responseId);
        }
    }

    /** Whether the provider says that another model answered than the one that was asked. */
    public boolean isServedByAnother() {
        String asked = deployment.endpoint().sentAs();
        String served = facts.servedModel();
        return !served.isEmpty() && !served.contains(asked) && !asked.contains(served);
    }
}
