package dev.sluice.analysis.model;

/** Result of one call to a model: the reply, and what the provider reported besides it. */
public record CallResult(ModelReply reply, ReplyFacts facts) {
    /** A result without further facts. */
    public static CallResult of(ModelReply reply) {
        return new CallResult(reply, ReplyFacts.NONE);
    }
}
