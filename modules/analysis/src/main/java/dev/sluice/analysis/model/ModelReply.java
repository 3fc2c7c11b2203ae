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
     */
    record Blocked(int httpStatus, String message, Optional<Duration> retryAfter, Fault fault)
            implements ModelReply {
        /** The deployment is at fault for certain. */
        public Blocked(int httpStatus, String message, Optional<Duration> retryAfter) {
            this(httpStatus, message, retryAfter, Fault.DEPLOYMENT);
        }
    }

    /** What has to be mended before a blocked deployment answers. */
    enum Fault {
        /** The deployment: an operator has to mend something. */
        DEPLOYMENT,
        /** The deployment or this request: a firewall says 403 too, and words can be quoted. */
        UNCERTAIN
    }

    /**
     * The provider failed or could not be reached.
     *
     * @param usage tokens that are charged; empty if nobody knows, because the answer was lost
     * @param retryAfter wait requested by the provider, if any
     */
    record Unavailable(
            OptionalInt httpStatus,
            String message,
            Optional<TokenUsage> usage,
            Optional<Duration> retryAfter)
            implements ModelReply {
        /** The call was not carried out, and nothing is charged. */
        public static Unavailable uncharged(
                OptionalInt httpStatus, String message, Optional<Duration> retryAfter) {
            return new Unavailable(httpStatus, message, Optional.of(TokenUsage.NONE), retryAfter);
        }

        /** The call may have been carried out and charged, and its answer is lost. */
        public static Unavailable answerLost(
                OptionalInt httpStatus, String message, Optional<Duration> retryAfter) {
            return new Unavailable(httpStatus, message, Optional.empty(), retryAfter);
        }

        /** Whether the call may have been carried out and charged without anybody knowing. */
        public boolean isAnswerLost() {
            return usage.isEmpty();
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
