package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bodies of faulty answers as a client receives them. */
class FaultyAnswersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    retry-delay     | "retryDelay":"2.59s"
                    try-again-in    | Please try again in 2.59s.
                    try-again-in-ms | Please try again in 820ms.
                    status-502      | <h1>502 Bad Gateway</h1>
                    status-504      | <h1>504 Gateway Time-out</h1>
                    status-520      | <h1>520 Web server
                    status-524      | <h1>524 A timeout occurred</h1>
                    html-200        | <h1>Sign in</h1>
                    nan             | "x_score":NaN
                    fenced          | ```json\\n{
                    think-block     | <think>\\nFirst I look at {\\"title_tag\\"
                    """)
    void bodiesHaveTheirText(String label, String words) throws Exception {
        assertThat(Caller.ofFault(label, true).text()).contains(words);
    }

    @Test
    void reasoningIsReportedWithinOutsideInTheTotalOnlyAndAlone() throws Exception {
        JsonNode inside = usage("reasoning");
        JsonNode outside = usage("reasoning-outside");
        JsonNode total = usage("reasoning-total-only");
        JsonNode alone = usage("reasoning-only");

        long all = inside.path("completion_tokens").asLong();
        assertThat(inside.at("/completion_tokens_details/reasoning_tokens").asLong()).isEqualTo(60);
        assertThat(outside.path("completion_tokens").asLong()).isEqualTo(all - 60);
        assertThat(outside.at("/completion_tokens_details/reasoning_tokens").asLong())
                .isEqualTo(60);
        assertThat(total.path("completion_tokens").asLong()).isEqualTo(all - 60);
        assertThat(total.has("completion_tokens_details")).isFalse();
        assertThat(alone.path("completion_tokens").asLong()).isZero();
        assertThat(alone.at("/completion_tokens_details/reasoning_tokens").asLong()).isEqualTo(60);
        for (JsonNode usage : List.of(inside, outside, total, alone)) {
            assertThat(usage.path("total_tokens").asLong())
                    .isEqualTo(usage.path("prompt_tokens").asLong() + all);
        }
    }

    @Test
    void cacheHitsAreReportedInEveryProvidersFields() throws Exception {
        long half = usage("cache-hit").at("/prompt_tokens_details/cached_tokens").asLong();
        JsonNode deepSeek = usage("cache-hit-tokens");
        JsonNode moonshot = usage("cached-tokens");

        assertThat(half).isPositive();
        assertThat(deepSeek.path("prompt_cache_hit_tokens").asLong()).isEqualTo(half);
        assertThat(deepSeek.path("prompt_cache_miss_tokens").asLong())
                .isEqualTo(deepSeek.path("prompt_tokens").asLong() - half);
        assertThat(moonshot.path("cached_tokens").asLong()).isEqualTo(half);
        assertThat(List.of(deepSeek, moonshot))
                .noneMatch(usage -> usage.has("prompt_tokens_details"));
    }

    @Test
    void cacheReadsAndWritesAreOutsideOfAnthropicsInputTokens() throws Exception {
        JsonNode read = Caller.ofFault("cache-hit", false).json().path("usage");
        JsonNode written = Caller.ofFault("cache-write", false).json().path("usage");
        JsonNode hour = Caller.ofFault("cache-write-hour", false).json().path("usage");

        assertThat(read.path("cache_read_input_tokens").asLong()).isPositive();
        assertThat(written.at("/cache_creation/ephemeral_5m_input_tokens").asLong()).isPositive();
        assertThat(hour.at("/cache_creation/ephemeral_1h_input_tokens").asLong()).isPositive();
        assertThat(hour.path("cache_creation_input_tokens").asLong()).isPositive();
    }

    @Test
    void usageIsMissingOrNull() throws Exception {
        assertThat(Caller.ofFault("usage-missing", true).json().has("usage")).isFalse();
        assertThat(Caller.ofFault("usage-null", true).json().path("usage").isNull()).isTrue();
    }

    @Test
    void partsHaveTheWholeAnswerTogether() throws Exception {
        JsonNode halves = Caller.ofFault("content-text-parts", true).json();
        JsonNode thought = Caller.ofFault("content-parts", true).json();

        JsonNode parts = halves.at("/choices/0/message/content");
        String joined = parts.at("/0/text").asString() + parts.at("/1/text").asString();
        assertThat(JsonMapper.shared().readTree(joined).has("title")).isTrue();
        assertThat(thought.at("/choices/0/message/content/0/thinking/0/text").asString())
                .contains("{ h1, h2 }");
        assertThat(
                        JsonMapper.shared()
                                .readTree(
                                        thought.at("/choices/0/message/content/1/text").asString())
                                .has("title"))
                .isTrue();
    }

    @Test
    void thinkingStandsBeforeTheAnswerOrBesideIt() throws Exception {
        String block = Caller.ofFault("think-block", true).at("/choices/0/message/content");
        String fenced = Caller.ofFault("think-block-fenced", true).at("/choices/0/message/content");
        Caller.Answer beside = Caller.ofFault("reasoning-content", true);

        assertThat(block).startsWith("<think>").contains("</think>").endsWith("}");
        assertThat(fenced).startsWith("<think>").endsWith("\n```");
        assertThat(beside.at("/choices/0/message/reasoning_content")).contains("{ h1, h2 }");
        assertThat(beside.at("/choices/0/message/content")).startsWith("{");
    }

    @ParameterizedTest
    @ValueSource(strings = {"malformed", "out-of-range", "failed-generation"})
    void answersAreSpoilt(String label) throws Exception {
        Caller.Answer answer = Caller.ofFault(label, true);
        String said =
                label.equals("failed-generation")
                        ? answer.at("/error/failed_generation")
                        : answer.at("/choices/0/message/content");

        assertThat(said).startsWith("{\"title\"");
        if (label.equals("out-of-range")) {
            assertThat(said).contains("1000000007");
        } else {
            assertThat(said).doesNotEndWith("}");
        }
    }

    @Test
    void controlCharactersAndLineEndsAreRaw() throws Exception {
        assertThat(Caller.ofFault("control-characters", true).text())
                .contains("\"a\tb\nc\u0001d\"");
        assertThat(Caller.ofFault("raw-newlines", true).text()).contains("{\n");
        assertThat(Caller.ofFault("byte-order-mark", true).text()).startsWith("\ufeff{");
        assertThat(Caller.ofFault("blank-lines", true).text()).startsWith("\n\n\n{");
    }

    @Test
    void bodiesAreEmpty() throws Exception {
        assertThat(Caller.ofFault("status-204", true).status()).isEqualTo(204);
        assertThat(Caller.ofFault("status-204", true).body()).isEmpty();
        assertThat(Caller.ofFault("empty-body", true).body()).isEmpty();
    }

    @Test
    void packedAnswersAreWholeOnceUnpacked() throws Exception {
        byte[] gzip = Caller.ofFault("gzip", true).body();
        byte[] deflate = Caller.ofFault("deflate", true).body();

        assertThat(
                        JsonMapper.shared()
                                .readTree(new GZIPInputStream(new ByteArrayInputStream(gzip)))
                                .has("choices"))
                .isTrue();
        assertThat(
                        JsonMapper.shared()
                                .readTree(
                                        new InflaterInputStream(new ByteArrayInputStream(deflate)))
                                .has("choices"))
                .isTrue();
    }

    @Test
    void eventsHaveTheWholeAnswerAndItsUsage() throws Exception {
        List<String> chunks =
                Caller.ofFault("event-stream", true)
                        .text()
                        .lines()
                        .filter(line -> line.startsWith("data: "))
                        .map(line -> line.substring(6))
                        .toList();
        assertThat(chunks.getLast()).isEqualTo("[DONE]");
        StringBuilder text = new StringBuilder();
        for (String chunk : chunks.subList(0, chunks.size() - 1)) {
            JsonNode json = JsonMapper.shared().readTree(chunk);
            text.append(json.at("/choices/0/delta/content").asString(""));
        }
        assertThat(JsonMapper.shared().readTree(text.toString()).has("title")).isTrue();
        assertThat(chunks.get(chunks.size() - 2)).contains("\"prompt_tokens\":");
        assertThat(Caller.ofFault("event-stream", false).text())
                .contains("event: content_block_delta\ndata: {")
                .contains("\"text_delta\"")
                .endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }

    private static JsonNode usage(String label) throws Exception {
        return Caller.ofFault(label, true).json().path("usage");
    }
}
