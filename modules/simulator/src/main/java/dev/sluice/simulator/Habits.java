package dev.sluice.simulator;

import dev.sluice.simulator.ServerDialect.LimitHeaders;
import java.util.Map;

/** Deviations and limit headers that several servers share. */
final class Habits {
    /** No limit headers. */
    static final LimitHeaders UNTOLD = (dialect, standing, now) -> Map.of();

    /** OpenAI's header names, with durations in Go's form. */
    static final LimitHeaders GO_DURATIONS =
            (dialect, standing, now) ->
                    Map.of(
                            "x-ratelimit-limit-tokens",
                            Long.toString(standing.limit()),
                            "x-ratelimit-remaining-tokens",
                            Long.toString(standing.remaining()),
                            "x-ratelimit-reset-tokens",
                            GoDuration.of(standing.reset()));

    /** One price for all requested tiers. */
    static final Deviation UNTIERED =
            Deviation.drafts(draft -> draft.at(Tier.STANDARD))
                    .and(Deviation.writes(envelope -> envelope.json().remove("service_tier")));

    private Habits() {}

    /** A header with the id of the answer. */
    static Deviation idIn(String header, String prefix) {
        return Deviation.sends(
                (envelope, answer) -> answer.with(Map.of(header, prefix + envelope.reply().id())));
    }

    static void withoutDetails(Envelope envelope) {
        envelope.usage().remove("prompt_tokens_details");
        envelope.usage().remove("completion_tokens_details");
    }
}
