package dev.sluice.analysis.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.price.TokenUsage;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ReportedUsageTest {
    private static final ModelRequest REQUEST = OneCall.request();

    /** Input, cached, output and reasoning tokens. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "{'prompt_tokens':1000,'completion_tokens':900} | 1000 | 0 | 900 | 0",
                "{'prompt_tokens':1000,'completion_tokens':900,'total_tokens':1900} | 1000 | 0 | 900 | 0",
                // Reasoning outside the completion, as the total shows.
                "{'prompt_tokens':1000,'completion_tokens':900,'total_tokens':3000,"
                        + "'completion_tokens_details':{'reasoning_tokens':100}} | 1000 | 0 | 2000 | 100",
                "{'prompt_tokens':1000,'completion_tokens':0,"
                        + "'completion_tokens_details':{'reasoning_tokens':60}} | 1000 | 0 | 60 | 60",
                "{'prompt_tokens':1000,'completion_tokens':20,"
                        + "'completion_tokens_details':{'reasoning_tokens':60}} | 1000 | 0 | 80 | 60",
                // A total that is too small is ignored.
                "{'prompt_tokens':1000,'completion_tokens':900,'total_tokens':5} | 1000 | 0 | 900 | 0",
                "{'prompt_tokens':1000,'completion_tokens':9,'prompt_cache_hit_tokens':640} |"
                        + " 1000 | 640 | 9 | 0",
                "{'prompt_tokens':1000,'completion_tokens':9,'cached_tokens':640} | 1000 | 640 | 9 | 0",
                "{'prompt_tokens':1000,'completion_tokens':9,'prompt_tokens_details':"
                        + "{'cached_tokens':512}} | 1000 | 512 | 9 | 0",
            })
    void openAisNumbersAreReadInEveryForm(
            String usage, long input, long cached, long output, long reasoning) {
        assertThat(ReportedUsage.openAi(json(usage), REQUEST, true))
                .contains(new TokenUsage(input, cached, 0, output, reasoning));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "{'prompt_tokens':0,'completion_tokens':0,'total_tokens':0}",
                "{'prompt_tokens':0,'completion_tokens':12}",
                "{'prompt_tokens':1000,'completion_tokens':0}",
                "{'prompt_tokens':-5,'completion_tokens':12}",
                "{'prompt_tokens':1000,'completion_tokens':12,'cached_tokens':1001}",
                "{'prompt_tokens':9223372036854775807,'completion_tokens':12}",
                "{'prompt_tokens':5000000000000,'completion_tokens':12}",
                "{'prompt_tokens':1000,'completion_tokens':9223372036854775807}",
                "{'prompt_tokens':1000,'completion_tokens':12,'total_tokens':9223372036854775807}",
                "{'prompt_tokens':1e3,'completion_tokens':12}",
                "{'prompt_tokens':'1000','completion_tokens':12}",
                "{}",
                "null",
            })
    void implausibleNumbersAreNotUsage(String usage) {
        assertThat(ReportedUsage.openAi(json(usage), REQUEST, true)).isEmpty();
    }

    @Test
    void outputOfZeroIsUsageIfNothingWasWritten() {
        assertThat(
                        ReportedUsage.openAi(
                                json("{'prompt_tokens':10,'completion_tokens':0}"), REQUEST, false))
                .isPresent();
    }

    @Test
    void anthropicsCacheWritesAreSplitByDuration() {
        JsonNode usage =
                json(
                        "{'input_tokens':100,'output_tokens':7,'cache_read_input_tokens':20,"
                                + "'cache_creation_input_tokens':300,'cache_creation':"
                                + "{'ephemeral_5m_input_tokens':100,'ephemeral_1h_input_tokens':200}}");

        assertThat(ReportedUsage.anthropic(usage, REQUEST, true))
                .contains(new TokenUsage(420, 20, 300, 200, 7, 0));
    }

    @Property
    void extremeReportedNumbersMakeNoInvalidUsage(
            @ForAll long prompt,
            @ForAll long completion,
            @ForAll long total,
            @ForAll long cached,
            @ForAll long reasoning) {
        Optional<TokenUsage> openAi =
                ReportedUsage.openAi(
                        json(
                                "{'prompt_tokens':%d,'completion_tokens':%d,'total_tokens':%d,'cached_tokens':%d,'completion_tokens_details':{'reasoning_tokens':%d}}"
                                        .formatted(prompt, completion, total, cached, reasoning)),
                        REQUEST,
                        true);
        Optional<TokenUsage> anthropic =
                ReportedUsage.anthropic(
                        json(
                                "{'input_tokens':%d,'output_tokens':%d,'cache_read_input_tokens':%d,'cache_creation_input_tokens':%d}"
                                        .formatted(prompt, completion, cached, total)),
                        REQUEST,
                        true);

        for (Optional<TokenUsage> usage : java.util.List.of(openAi, anthropic)) {
            usage.ifPresent(known -> {
                assertThat(known.input()).isBetween(1L, 1_000_000L);
                assertThat(known.output()).isBetween(1L, 1_000_000L);
                assertThat(known.cachedInput() + known.cacheWrite()).isBetween(0L, known.input());
            });
        }
    }

    private static JsonNode json(String text) {
        return Envelope.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
