package dev.sluice.analysis.provider;

import static dev.sluice.analysis.provider.AnswerFields.count;
import static dev.sluice.analysis.provider.AnswerFields.countOrZero;

import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.price.TokenUsage;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Reader of the usage that a provider reports. Implausible numbers are ignored: the call is then
 * booked at its worst case, as unconfirmed.
 */
final class ReportedUsage {
    private static final Logger log = LoggerFactory.getLogger(ReportedUsage.class);

    /** Tokens that gateways and tools may add to a prompt, on top of twice its bytes. */
    private static final long ADDED_INPUT = 16_384;

    /** Reasoning tokens that models may use on top of the allowed output. */
    private static final long ADDED_OUTPUT = 262_144;

    private ReportedUsage() {}

    /**
     * Usage in OpenAI's form: prompt tokens include the cached ones, completion tokens the
     * reasoning. If the total is larger than both, or reasoning is counted apart from the
     * completion, the missing tokens count as output.
     */
    static Optional<TokenUsage> openAi(JsonNode usage, ModelRequest request, boolean hasText) {
        OptionalLong prompt = count(usage, "prompt_tokens");
        OptionalLong completion = count(usage, "completion_tokens");
        if (prompt.isEmpty() || completion.isEmpty()) {
            return Optional.empty();
        }
        long reasoning = countOrZero(usage.path("completion_tokens_details"), "reasoning_tokens");
        long input = prompt.getAsLong();
        long output = completion.getAsLong();
        if (output < reasoning) {
            output = sum(output, reasoning);
        }
        output = Math.max(output, countOrZero(usage, "total_tokens") - Math.max(0, input));
        JsonNode details = usage.path("prompt_tokens_details");
        long cached =
                first(
                        count(details, "cached_tokens"),
                        count(usage, "prompt_cache_hit_tokens"),
                        count(usage, "cached_tokens"));
        long written =
                first(
                        count(details, "cache_write_tokens"),
                        count(usage, "cache_creation_input_tokens"),
                        OptionalLong.empty());
        return plausible(
                TokenUsage.counted(input, cached, written, output, reasoning), request, hasText);
    }

    /**
     * Usage in Anthropic's form: input tokens do not include tokens read from or written to the
     * cache.
     */
    static Optional<TokenUsage> anthropic(JsonNode usage, ModelRequest request, boolean hasText) {
        OptionalLong input = count(usage, "input_tokens");
        OptionalLong output = count(usage, "output_tokens");
        if (input.isEmpty() || output.isEmpty()) {
            return Optional.empty();
        }
        long cached = countOrZero(usage, "cache_read_input_tokens");
        JsonNode kinds = usage.path("cache_creation");
        long hour = countOrZero(kinds, "ephemeral_1h_input_tokens");
        long written =
                Math.max(
                        countOrZero(usage, "cache_creation_input_tokens"),
                        sum(countOrZero(kinds, "ephemeral_5m_input_tokens"), hour));
        Optional<TokenUsage> counted =
                TokenUsage.counted(
                        sum(input.getAsLong(), sum(cached, written)),
                        cached,
                        written,
                        output.getAsLong(),
                        countOrZero(usage.path("output_tokens_details"), "thinking_tokens"));
        return plausible(
                counted.map(known -> known.withCacheWriteHour(Math.max(0, hour))),
                request,
                hasText);
    }

    private static Optional<TokenUsage> plausible(
            Optional<TokenUsage> counted, ModelRequest request, boolean hasText) {
        return counted.filter(usage -> {
            boolean possible =
                    usage.input() > 0
                            && usage.input() <= 2 * request.inputBytes() + ADDED_INPUT
                            && usage.cachedInput() + usage.cacheWrite() <= usage.input()
                            && usage.output() <= request.maxOutputTokens() + ADDED_OUTPUT
                            && usage.reasoning() <= usage.output()
                            && (usage.output() > 0 || !hasText);
            if (!possible) {
                log.atWarn()
                        .addKeyValue("analysis", request.analysis())
                        .addKeyValue("inputTokens", usage.input())
                        .addKeyValue("outputTokens", usage.output())
                        .log("a provider reported a usage that the call cannot have");
            }
            return possible;
        });
    }

    private static long first(OptionalLong one, OptionalLong two, OptionalLong three) {
        return one.isPresent() ? one.getAsLong() : two.orElse(three.orElse(0));
    }

    /** Sum that saturates on overflow, so that it stays implausible. */
    private static long sum(long one, long other) {
        long sum = one + other;
        return one > 0 && other > 0 && sum < 0 ? Long.MAX_VALUE : sum;
    }
}
