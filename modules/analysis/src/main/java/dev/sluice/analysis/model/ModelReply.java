package dev.sluice.analysis.model;

import dev.sluice.analysis.price.TokenUsage;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** What came of one call to a model. {@code ProviderReply} says which reply becomes which. */
public sealed interface ModelReply {
    /**
     * The model wrote an answer, whole or cut off.
     *
     * @param usage what the provider counted, if it said
     */
    record Answered(
            String text,
            FinishReason finish,
            Optional<TokenUsage> usage,
            String responseId,
            RateLimits limits)
            implements ModelReply {}

    /** The model declined to answer. */
    record Refused(String refusal, Optional<TokenUsage> usage, String responseId)
            implements ModelReply {}

    /**
     * The deployment has no room for the call now. Nothing was charged.
     *
     * @param retryAfter what the provider asks for, if it says
     */
    record Throttled(int httpStatus, String message, Optional<Duration> retryAfter)
            implements ModelReply {}

    /**
     * The deployment takes no calls until an operator mends something: a key that is not accepted,
     * money used up, a model that is not there. Nothing was charged.
     *
     * @param retryAfter what the provider asks for, if it says
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
     * @param usage what is charged; empty if nobody knows, because the answer was lost
     * @param retryAfter what the provider asks for, if it says
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
            return new Unavailable(
                    httpStatus, message, Optional.of(TokenUsage.NONE), retryAfter);
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

    /** The provider will not take this request, now or later. Nothing was charged. */
    record Rejected(int httpStatus, String message, Because because) implements ModelReply {}

    /** Why a request was rejected. */
    enum Because {
        /** Of what it is: no deployment will take it. */
        REQUEST,
        /** Of the deployment's limits: another one may take it. */
        LIMITS,
        /** The provider does not say; if it rejects everything, the deployment is at fault. */
        UNKNOWN
    }
}
