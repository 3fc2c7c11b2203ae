package dev.sluice.analysis.model;

import dev.sluice.analysis.price.TokenUsage;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** What came of one call to a model. */
public sealed interface ModelReply {
    /** The model wrote an answer, whole or cut off. */
    record Answered(String text, FinishReason finish, TokenUsage usage, String responseId)
            implements ModelReply {}

    /** The model declined to answer. */
    record Refused(String refusal, TokenUsage usage, String responseId) implements ModelReply {}

    /**
     * The deployment takes no calls for now: too many of them, the account's money used up, or its
     * key not accepted. Nothing was charged.
     *
     * @param retryAfter what the provider asks for, if it says
     */
    record Throttled(int httpStatus, String message, Optional<Duration> retryAfter)
            implements ModelReply {}

    /**
     * The provider failed or could not be reached.
     *
     * @param answerLost whether the call may have been carried out and charged all the same
     */
    record Unavailable(OptionalInt httpStatus, String message, boolean answerLost)
            implements ModelReply {}

    /** The provider will not take this request, now or later. */
    record Rejected(int httpStatus, String message) implements ModelReply {}
}
