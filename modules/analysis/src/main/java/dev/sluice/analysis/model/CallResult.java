package dev.sluice.analysis.model;

/** One call to a model: what came of it, and what else the provider said. */
public record CallResult(ModelReply reply, ReplyFacts facts) {
    /** The provider said nothing else. */
    public static CallResult of(ModelReply reply) {
        return new CallResult(reply, ReplyFacts.NONE);
    }
}
