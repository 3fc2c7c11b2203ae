package dev.sluice.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.failure.Violation;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

class OutputParserTest {
    private static final JsonMapper STRICT =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1}",
                "  {\"a\":1}\n",
                "```json\n{\"a\":1}\n```",
                "Here is the analysis:\n```\n{\"a\":1}\n```\nAnything else?",
                "The answer is {\"a\":1}.",
                "<think>perhaps {\"b\":2} or {</think>{\"a\":1}",
                "<think>a {b} c</think>\n```json\n{\"a\":1}\n```",
                " <think>one {</think>\n<think>two }</think> {\"a\":1}",
            })
    void onlyObjectIsFoundWhateverSurroundsIt(String answer) {
        assertThat(OutputParser.parse(answer))
                .isInstanceOfSatisfying(
                        OutputParser.Read.class,
                        read -> assertThat(read.output().toString()).isEqualTo("{\"a\":1}"));
    }

    @Test
    void bracesInsideStringsAreNotCandidates() {
        assertThat(OutputParser.parse("Sure: {\"a\":\"} { \\\" }\"} done"))
                .isInstanceOf(OutputParser.Read.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | empty",
                "[1,2] | not an object",
                "\"text\" | not an object",
                "{\"a\":1 | not JSON",
                "{\"a\":1,} | not JSON",
                "{\"a\":1,\"a\":2} | not JSON",
                "{\"a\":NaN} | not JSON",
                "{'a':1} | not JSON",
                "{\"a\":1} {\"b\":2} | 2 parts in braces",
                "{\"a\":1} trailing {x} | 2 parts in braces",
                "I cannot do that. | not JSON",
                "{\"a\":1}} | not JSON",
                "{\"a\":1} {\"b\":2 | not JSON",
                "[{\"a\":1} | not JSON",
                "[1, {\"a\":1} | not JSON",
                "[ x {\"a\":1} y ] | not JSON",
                "\"a\": {\"b\":1} | not JSON",
                "<think>maybe {\"a\":0}</think> no | not JSON",
                "Maybe {\"a\":0}? No.</think> I cannot. | not JSON",
                "<think>it never ends {\"a\":0} | not JSON",
                "[{\"a\":1},] | not JSON",
            },
            quoteCharacter = '§')
    void allElseIsAViolation(String answer, String message) {
        String text = answer.equals("''") ? "" : answer;
        assertThat(OutputParser.parse(text))
                .isInstanceOfSatisfying(
                        OutputParser.Unreadable.class,
                        unreadable ->
                                assertThat(unreadable.violation().message()).contains(message));
    }

    @Test
    void nestingIsBounded() {
        String deep = "{\"a\":".repeat(100) + "1" + "}".repeat(100);

        assertThat(OutputParser.parse(deep)).isInstanceOf(OutputParser.Unreadable.class);
    }

    @Test
    void hugeAnswerIsRejectedUnread() {
        assertThat(OutputParser.parse("{\"a\":\"" + "x".repeat(10_000_000) + "\"}"))
                .isInstanceOfSatisfying(
                        OutputParser.Unreadable.class,
                        unreadable ->
                                assertThat(unreadable.violation().message()).contains("more than"));
    }

    @Test
    void unpairedSurrogateIsReportedWithItsPath() {
        assertThat(OutputParser.parse("{\"a\":[\"ok\",\"\\ud800\"]}"))
                .isInstanceOfSatisfying(
                        OutputParser.Unreadable.class,
                        unreadable -> assertThat(unreadable.violation().path()).isEqualTo("/a/1"));
    }

    @Test
    void numberBeyondDoubleIsAViolation() {
        assertThat(OutputParser.parse("{\"a\":1e999}")).isInstanceOf(OutputParser.Unreadable.class);
    }

    @Test
    void nestedNumbersBeyondDoubleAreReportedWithTheirPath() {
        assertThat(path("{\"a/b\":{\"c~d\":[1,2,1e999]}}")).isEqualTo("/a~1b/c~0d/2");
        assertThat(path("{\"a\":-1e999}")).isEqualTo("/a");
    }

    @Test
    void fieldNameWithInvalidTextIsAViolation() {
        assertThat(message("{\"o\":{\"\\udc00\":1}}")).isNotBlank();
        assertThat(OutputParser.parse("{\"\ud7ff\ue000\":\"\ud7ff\ue000\"}"))
                .isInstanceOf(OutputParser.Read.class);
    }

    @Test
    void limitsAreExact() {
        int frame = "{\"a\":\"\"}".length();
        String longest = "{\"a\":\"" + "x".repeat(OutputParser.MAX_CHARACTERS - frame) + "\"}";
        assertThat(OutputParser.parse(longest)).isInstanceOf(OutputParser.Read.class);
        assertThat(OutputParser.parse(longest + " ")).isInstanceOf(OutputParser.Unreadable.class);
        String deepest =
                "{\"a\":".repeat(OutputParser.MAX_DEPTH) + "1" + "}".repeat(OutputParser.MAX_DEPTH);
        assertThat(OutputParser.parse(deepest)).isInstanceOf(OutputParser.Read.class);
        assertThat(OutputParser.parse("{\"a\":" + deepest + "}"))
                .isInstanceOf(OutputParser.Unreadable.class);
    }

    @Test
    void violationSaysWhereTheJsonEnds() {
        assertThat(message("{\n  \"a\": 1,\n  \"b\": tru\n}")).contains("line 3, column ");
        assertThat(message("nothing")).startsWith("the answer is not JSON: ").contains("nothing");
    }

    @Test
    void escapedQuotesAndBackslashesDoNotEndAString() {
        assertThat(OutputParser.parse("x {\"a\":\"\\\\\"} y"))
                .isInstanceOf(OutputParser.Read.class);
        assertThat(OutputParser.parse("x {\"a\":\"\\\"}\"} y"))
                .isInstanceOf(OutputParser.Read.class);
    }

    @Test
    void integerBeyondDoubleIsAViolation() {
        assertThat(path("{\"a\":" + "9".repeat(390) + "}")).isEqualTo("/a");
        assertThat(OutputParser.parse("{\"a\":" + "9".repeat(300) + "}"))
                .isInstanceOf(OutputParser.Read.class);
    }

    @Test
    void answerOfBracesIsRejectedQuickly() {
        assertThat(OutputParser.parse("{} ".repeat(300_000)))
                .isInstanceOf(OutputParser.Unreadable.class);
        assertThat(OutputParser.parse("{".repeat(1_000_000)))
                .isInstanceOf(OutputParser.Unreadable.class);
        assertThat(OutputParser.parse("{\"a\":" + "[".repeat(900_000)))
                .isInstanceOf(OutputParser.Unreadable.class);
    }

    /** Answers composed of pieces of JSON and prose, valid and invalid. */
    @Provide
    Arbitrary<String> answers() {
        Arbitrary<String> piece =
                Arbitraries.of(
                        "{\"a\":1}",
                        "{\"a\":\"}\"}",
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        "\"",
                        "\\",
                        "NaN",
                        "1",
                        "```",
                        "```json\n",
                        "\n",
                        " ",
                        "text",
                        "{\"a\":1,\"a\":2}",
                        "{'a':1}",
                        "null",
                        "{\"b\":{\"c\":[]}}",
                        "\"a\":");
        return piece.list().ofMaxSize(7).map(pieces -> String.join("", pieces));
    }

    /** A parsed result is the only object in the text and strict JSON. */
    @Property(tries = 5_000)
    void nothingIsReadThatIsNotExactlyOneObject(@ForAll("answers") String answer) {
        if (!(OutputParser.parse(answer) instanceof OutputParser.Read(var output))) {
            return;
        }
        List<String> objects = new ArrayList<>();
        for (int start = 0; start < answer.length(); start++) {
            for (int end = answer.length(); end > start; end--) {
                String part = answer.substring(start, end);
                if (part.startsWith("{") && part.endsWith("}") && isObject(part)) {
                    objects.add(part);
                    start = end - 1;
                    break;
                }
            }
        }
        assertThat(objects).as("outermost objects of %s", answer).hasSize(1);
        assertThat(JsonMapper.shared().readTree(objects.getFirst())).isEqualTo(output);
    }

    private static boolean isObject(String text) {
        try {
            return STRICT.readTree(text).isObject();
        } catch (JacksonException e) {
            return false;
        }
    }

    private static String path(String answer) {
        return violation(answer).path();
    }

    private static String message(String answer) {
        return violation(answer).message();
    }

    private static Violation violation(String answer) {
        OutputParser.Parsed parsed = OutputParser.parse(answer);
        assertThat(parsed).isInstanceOf(OutputParser.Unreadable.class);
        return ((OutputParser.Unreadable) parsed).violation();
    }
}
