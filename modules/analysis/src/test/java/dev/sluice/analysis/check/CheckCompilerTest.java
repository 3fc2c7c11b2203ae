package dev.sluice.analysis.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.input.PreparedInput;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class CheckCompilerTest {
    private static final CheckCompiler COMPILER =
            new CheckCompiler(
                    JsonMapper.shared()
                            .readTree(
                                    """
                                    {"type":"object","properties":{
                                     "title":{"type":"string"},
                                     "length":{"type":"integer"},
                                     "score":{"type":"number"},
                                     "ok":{"type":"boolean"},
                                     "note":{"type":["string","null"]},
                                     "in":{"type":"string"},
                                     "author":{"type":"object","properties":{"name":{"type":"string"}}},
                                     "items":{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"}}}}}}
                                    """));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "output.length == size(output.title)",
                "output.score == 2",
                "output.score >= 2.0 && output.length <= 3.5",
                "output.note == null",
                "!has(output.`in`)",
                "output.author.name.startsWith('A')",
                "output.items.all(i, i.id > 0)",
                "output.items.exists(i, i.id == 2)",
                "output.items.filter(i, i.id > 1).size() == 1",
                "output.title.matches('^a.c$')",
                "input.text.contains(output.author.name)",
                "input.characters == 8 && input.original_characters == 20 && input.truncated",
                "output.ok",
            })
    void trueExpressionsFindNothing(String expression) {
        assertThat(violation(expression)).isEmpty();
    }

    @Test
    void falseExpressionIsAViolationWithItsMessageAndPath() {
        assertThat(
                        COMPILER.compile("output.length > 3", "too short", "/length")
                                .violation(output(), input()))
                .contains(new Violation("/length", "check", "too short"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "output.titel == 'x' | undefined field 'titel'",
                "output.author.nam == 'x' | undefined field 'nam'",
                "output.items.all(i, i.idd > 0) | undefined field 'idd'",
                "output.length == 'x' | no matching overload",
                "output.length | expected type 'bool'",
                "outputs.length == 1 | undeclared reference",
                "input.txt == 'x' | undefined field 'txt'",
                "output.length == | mismatched input",
            })
    void mistakesAreFoundWhenTheCheckIsCompiled(String expression, String message) {
        assertThatThrownBy(() -> COMPILER.compile(expression, "m", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "output.items[5].id == 1",
                "output.note.startsWith('x')",
                "1 / (output.length - 3) == 1",
                "output.title.matches('(')",
            })
    void checkThatCannotBeEvaluatedFails(String expression) {
        assertThat(violation(expression).orElseThrow().message())
                .startsWith("must be so (")
                .contains("cannot be evaluated");
    }

    @Test
    void integersMayBeWrittenAsDecimalsAndNumbersAsIntegers() {
        ObjectNode output = output();
        output.set("length", JsonMapper.shared().readTree("3.0"));
        output.set("score", JsonMapper.shared().readTree("2"));

        assertThat(
                        COMPILER.compile("output.length == 3 && output.score * 2.0 == 4.0", "m", "")
                                .violation(output, input()))
                .isEmpty();
    }

    @Test
    void costOfAnExpressionIsBounded() {
        assertThatThrownBy(() ->
                        COMPILER.compile(
                                "output.ok || " + "true || ".repeat(900) + "true", "m", ""))
                .isInstanceOf(IllegalArgumentException.class);
        ObjectNode large = output();
        var items = large.putArray("items");
        for (int i = 0; i < 2_000; i++) {
            items.addObject().put("id", i);
        }
        assertThat(
                        COMPILER.compile(
                                        "output.items.all(a, output.items.all(b, a.id + b.id >= 0))",
                                        "m",
                                        "")
                                .violation(large, input())
                                .orElseThrow()
                                .message())
                .contains("BUDGET");
    }

    private static Optional<Violation> violation(String expression) {
        return COMPILER.compile(expression, "must be so", "").violation(output(), input());
    }

    private static ObjectNode output() {
        return (ObjectNode)
                JsonMapper.shared()
                        .readTree(
                                """
                                {"title":"a😀c","length":3,"score":2.0,"ok":true,"note":null,
                                 "author":{"name":"Ann"},"items":[{"id":1},{"id":2}]}
                                """);
    }

    private static PreparedInput input() {
        return new PreparedInput("Ann says", 20, 10, 8);
    }
}
