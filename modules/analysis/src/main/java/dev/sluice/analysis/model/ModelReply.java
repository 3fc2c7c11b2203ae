package dev.sluice.analysis.model;

import dev.sluice.analysis.price.TokenUsage;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reply of one call to a model, as a kind of success or failure. {@code ProviderReply} maps each
 * reply of a provider to one of them.
 */
public sealed interface ModelReply {
    /**
     * The model wrote an answer, complete or truncated.
     *
     * @param usage tokens counted by the provider, if reported
     */
    record Answered(
            String text,
            FinishReason finish,
            Optional<TokenUsage> usage,
            String responseId,
            RateLimits limits)
            implements ModelReply {}

    /** The model refused to answer. */
    record Refused(String refusal, Optional<TokenUsage> usage, String responseId)
            implements ModelReply {}

    /**
     * The deployment has no room for the call now. Nothing was charged.
     *
     * @param retryAfter wait requested by the provider, if any
     */
    record Throttled(int httpStatus, String message, Optional<Duration> retryAfter)
            implements ModelReply {}

    /**
     * The deployment accepts no calls until an operator fixes a fault: a key that is not accepted,
     * funds that are used up, a model that does not exist. Nothing was charged.
     *
     * @param retryAfter wait requested by the provider, if any
     * @param maybeTheRequest whether it may be the fault of this request instead: a firewall also
     *     answers 403, and an error message may quote the request
     */
    record Blocked(
            int httpStatus, String message, Optional<Duration> retryAfter, boolean maybeTheRequest)
            implements ModelReply {
        /** A fault that is certainly not the request's. */
        public Blocked(int httpStatus, String message, Optional<Duration> retryAfter) {
            this(httpStatus, message, retryAfter, false);
        }
    }

    /**
     * The provider failed or could not be reached.
     *
     * @param answerLost whether the call may have been executed and charged anyway
     * @param retryAfter wait requested by the provider, if any
     * @param usage tokens counted by the provider, if reported; the call was then executed
     */
    record Unavailable(
            OptionalInt httpStatus,
            String message,
            boolean answerLost,
            Optional<Duration> retryAfter,
            Optional<TokenUsage> usage)
            implements ModelReply {
        public Unavailable(
                OptionalInt httpStatus,
                String message,
                boolean answerLost,
                Optional<Duration> retryAfter) {
            this(httpStatus, message, answerLost, retryAfter, Optional.empty());
        }
    }

    /** The provider rejects this request, now and later. Nothing was charged. */
    record Rejected(int httpStatus, String message, Because because) implements ModelReply {}

    /** Why a request was rejected. */
    enum Because {
        /** The request itself: no deployment will accept it. */
        REQUEST,
        /** The deployment's limits: another deployment may accept it. */
        LIMITS,
        /** Not reported. If the provider rejects all requests, the deployment is at fault. */
        UNKNOWN
    }
}
