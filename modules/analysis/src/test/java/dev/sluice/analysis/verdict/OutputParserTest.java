package dev.sluice.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputParserTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1}",
                "  {\"a\":1}\n",
                "```json\n{\"a\":1}\n```",
                "Here is the analysis:\n```\n{\"a\":1}\n```\nAnything else?",
                "The answer is {\"a\":1}.",
            })
    void theOneObjectIsFoundWhateverStandsAroundIt(String answer) {
        assertThat(OutputParser.parse(answer))
                .isInstanceOfSatisfying(
                        OutputParser.Read.class,
                        read -> assertThat(read.output().toString()).isEqualTo("{\"a\":1}"));
    }

    @Test
    void bracesInsideStringsAreNoCandidates() {
        assertThat(OutputParser.parse("Sure: {\"a\":\"} { \\\" }\"} done"))
                .isInstanceOf(OutputParser.Read.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | empty",
                "[1,2] | no object",
                "\"text\" | no object",
                "{\"a\":1 | no JSON",
                "{\"a\":1,} | no JSON",
                "{\"a\":1,\"a\":2} | no JSON",
                "{\"a\":NaN} | no JSON",
                "{'a':1} | no JSON",
                "{\"a\":1} {\"b\":2} | 2 parts in braces",
                "{\"a\":1} trailing {x} | 2 parts in braces",
                "I cannot do that. | no JSON",
                "{\"a\":1}} | no JSON",
                "{\"a\":1} {\"b\":2 | no JSON",
                "[{\"a\":1} | no JSON",
                "[{\"a\":1},] | no JSON",
            },
            quoteCharacter = '§')
    void everythingElseIsAViolationAndNeverAGuess(String answer, String message) {
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
    void hugeAnswerIsRefusedUnread() {
        assertThat(OutputParser.parse("{\"a\":\"" + "x".repeat(10_000_000) + "\"}"))
                .isInstanceOfSatisfying(
                        OutputParser.Unreadable.class,
                        unreadable ->
                                assertThat(unreadable.violation().message()).contains("more than"));
    }

    @Test
    void halfASurrogatePairIsNamedWithItsPath() {
        assertThat(OutputParser.parse("{\"a\":[\"ok\",\"\\ud800\"]}"))
                .isInstanceOfSatisfying(
                        OutputParser.Unreadable.class,
                        unreadable -> assertThat(unreadable.violation().path()).isEqualTo("/a/1"));
    }

    @Test
    void numberThatNoDoubleHoldsIsAViolation() {
        assertThat(OutputParser.parse("{\"a\":1e999}")).isInstanceOf(OutputParser.Unreadable.class);
    }
}
