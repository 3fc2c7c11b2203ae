package dev.sluice.simulator;

import dev.sluice.simulator.Draft.CacheUse;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * Faults in the reported usage, which is missing or in another form. All of these calls are charged
 * correctly.
 */
final class UsageFaults {
    private static final int REASONING_TOKENS = 60;
    private static final long ABSURD = 9_007_199_254_740_993L;

    static final Fault.Group GROUP =
            new Fault.Group(
                    "Usage and price (charged)",
                    List.of(
                            reasoning(
                                    "reasoning",
                                    "reasoning tokens within completion_tokens, as OpenAI has them",
                                    UsageFaults::reasoningInside),
                            reasoning(
                                    "reasoning-outside",
                                    "reasoning tokens outside completion_tokens, in total_tokens",
                                    UsageFaults::reasoningOutside),
                            reasoning(
                                    "reasoning-total-only",
                                    "the same, and no details: only total_tokens has them",
                                    UsageFaults::reasoningInTotalOnly),
                            reasoning(
                                    "reasoning-only",
                                    "completion_tokens is 0; reasoning and total_tokens are right",
                                    UsageFaults::reasoningOnly),
                            new Fault(
                                    "usage-zero",
                                    "all token counts are 0 beside a text",
                                    Deviation.writes(UsageFaults::zero)),
                            Fault.either(
                                    "usage-input-zero",
                                    "the input tokens are 0, the output tokens right",
                                    chatCounts(tokens -> new Told(0, tokens.output())),
                                    messageCounts(tokens -> new Told(0, tokens.output()))),
                            Fault.either(
                                    "usage-output-zero",
                                    "the output tokens are 0, the input tokens right",
                                    chatCounts(tokens -> new Told(tokens.input(), 0)),
                                    messageCounts(tokens -> new Told(tokens.plainInput(), 0))),
                            new Fault(
                                    "usage-missing",
                                    "no usage at all",
                                    Deviation.writes(envelope -> envelope.json().remove("usage"))),
                            new Fault(
                                    "usage-null",
                                    "usage is null",
                                    Deviation.writes(envelope -> envelope.json().putNull("usage"))),
                            Fault.either(
                                    "usage-huge",
                                    "token counts of " + ABSURD,
                                    chatCounts(tokens -> new Told(ABSURD, ABSURD)),
                                    messageCounts(tokens -> new Told(ABSURD, ABSURD))),
                            Fault.either(
                                    "usage-negative",
                                    "token counts of -1",
                                    chatCounts(tokens -> new Told(-1, -1)),
                                    messageCounts(tokens -> new Told(-1, -1))),
                            Fault.either(
                                    "cache-hit",
                                    "half of the input came from the cache, as each provider"
                                            + " reports it",
                                    caches(CacheUse.READ)
                                            .and(Deviation.writes(UsageFaults::cachedDetails)),
                                    caches(CacheUse.READ)),
                            Fault.ofChat(
                                    "cache-hit-tokens",
                                    "the same as prompt_cache_hit_tokens, as DeepSeek reports it",
                                    caches(CacheUse.READ)
                                            .and(Deviation.writes(UsageFaults::hitTokens))),
                            Fault.ofChat(
                                    "cached-tokens",
                                    "the same as usage.cached_tokens, as Moonshot reports it",
                                    caches(CacheUse.READ)
                                            .and(Deviation.writes(UsageFaults::cachedTokens))),
                            Fault.ofMessages(
                                    "cache-write",
                                    "half of the input was written to the cache for five minutes",
                                    caches(CacheUse.WRITE)),
                            Fault.ofMessages(
                                    "cache-write-hour",
                                    "the same for an hour",
                                    caches(CacheUse.HOUR_WRITE)),
                            tier(
                                    "tier-priority",
                                    "service_tier priority for any request; charged twice the"
                                            + " price",
                                    Tier.PRIORITY),
                            tier(
                                    "tier-flex",
                                    "service_tier flex for any request; charged half the price",
                                    Tier.FLEX),
                            Fault.ofMessages(
                                    "geo-us",
                                    "inference_geo us, charged 1.1 times the price",
                                    Deviation.drafts(draft -> draft.at(Tier.IN_THE_US))
                                            .and(
                                                    Deviation.writes(envelope ->
                                                            envelope.usage()
                                                                    .put(
                                                                            "inference_geo",
                                                                            "us"))))));

    private UsageFaults() {}

    /** The reported token counts. */
    private record Told(long input, long output) {}

    /** Writes the reported token counts. */
    private interface Telling {
        Told of(Tokens tokens);
    }

    private static Deviation chatCounts(Telling telling) {
        return Deviation.writes(envelope -> {
            Told told = telling.of(envelope.reply().tokens());
            envelope.usage()
                    .put("prompt_tokens", told.input())
                    .put("completion_tokens", told.output())
                    .put("total_tokens", told.input() + told.output());
        });
    }

    private static Deviation messageCounts(Telling telling) {
        return Deviation.writes(envelope -> {
            Told told = telling.of(envelope.reply().tokens());
            envelope.usage().put("input_tokens", told.input()).put("output_tokens", told.output());
        });
    }

    private static Fault reasoning(String label, String description, Consumer<Envelope> writing) {
        return Fault.ofChat(label, description, reasons().and(Deviation.writes(writing)));
    }

    private static Fault tier(String label, String description, Tier tier) {
        Deviation charged = Deviation.drafts(draft -> draft.at(tier));
        return Fault.either(
                label,
                description,
                charged.and(
                        Deviation.writes(
                                envelope -> envelope.json().put("service_tier", tier.openAi()))),
                charged.and(
                        Deviation.writes(envelope ->
                                envelope.usage().put("service_tier", tier.anthropic()))));
    }

    /** The model uses reasoning tokens. */
    static Deviation reasons() {
        return Deviation.drafts(draft -> draft.reasoning(REASONING_TOKENS));
    }

    /** The provider's cache covers half of the input. */
    static Deviation caches(CacheUse use) {
        return Deviation.drafts(draft -> draft.caching(use));
    }

    private static void reasoningInside(Envelope envelope) {
        Tokens tokens = envelope.reply().tokens();
        envelope.usage().put("completion_tokens", tokens.output());
        reasoningDetails(envelope);
    }

    /** The total includes the reasoning tokens; completion_tokens does not. */
    static void reasoningOutside(Envelope envelope) {
        Tokens tokens = envelope.reply().tokens();
        envelope.usage().put("completion_tokens", tokens.output() - tokens.reasoning());
        reasoningDetails(envelope);
    }

    /** The same without the details. */
    static void reasoningInTotalOnly(Envelope envelope) {
        reasoningOutside(envelope);
        envelope.usage().remove("completion_tokens_details");
    }

    private static void reasoningOnly(Envelope envelope) {
        envelope.usage().put("completion_tokens", 0);
        reasoningDetails(envelope);
    }

    private static void reasoningDetails(Envelope envelope) {
        envelope.usage()
                .putObject("completion_tokens_details")
                .put("reasoning_tokens", envelope.reply().tokens().reasoning());
    }

    private static void cachedDetails(Envelope envelope) {
        envelope.usage()
                .putObject("prompt_tokens_details")
                .put("cached_tokens", envelope.reply().tokens().cachedInput());
    }

    private static void cachedTokens(Envelope envelope) {
        envelope.usage()
                .put("cached_tokens", envelope.reply().tokens().cachedInput())
                .remove("prompt_tokens_details");
    }

    /** DeepSeek's own fields only. */
    static void hitTokens(Envelope envelope) {
        Tokens tokens = envelope.reply().tokens();
        envelope.usage()
                .put("prompt_cache_hit_tokens", tokens.cachedInput())
                .put("prompt_cache_miss_tokens", tokens.input() - tokens.cachedInput())
                .remove("prompt_tokens_details");
    }

    private static void zero(Envelope envelope) {
        ObjectNode usage = envelope.usage();
        List.copyOf(usage.propertyNames()).stream()
                .filter(field -> usage.path(field).isNumber())
                .forEach(field -> usage.put(field, 0));
    }
}
