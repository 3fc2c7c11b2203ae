package dev.sluice.analysis.model;

import dev.sluice.analysis.price.TokenUsage;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** What came of one call to a model. {@link ProviderReply} says which reply becomes which. */
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
     * The deployment takes no calls for now. Nothing was charged.
     *
     * @param needsOperator whether it will stay so until someone mends it: a key that is not
     *     accepted, money used up, a model that is not there
     * @param retryAfter what the provider asks for, if it says
     */
    record Throttled(
            int httpStatus, String message, boolean needsOperator, Optional<Duration> retryAfter)
            implements ModelReply {}

    /**
     * The provider failed or could not be reached.
     *
     * @param answerLost whether the call may have been carried out and charged all the same
     * @param retryAfter what the provider asks for, if it says
     */
    record Unavailable(
            OptionalInt httpStatus,
            String message,
            boolean answerLost,
            Optional<Duration> retryAfter)
            implements ModelReply {}

    /**
     * The provider will not take this request, now or later.
     *
     * @param hereOnly whether another deployment, which has other limits, may take it
     */
    record Rejected(int httpStatus, String message, boolean hereOnly) implements ModelReply {}
}
