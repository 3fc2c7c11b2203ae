package dev.sluice.analysis.definition;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.compute.Computed;
import dev.sluice.analysis.compute.Step;
import dev.sluice.analysis.task.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class OutputSchemaTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** A valid text of each format. */
    private static final Map<String, String> EXAMPLES =
            Map.ofEntries(
                    Map.entry("date-time", "2026-11-23T10:00:00Z"),
                    Map.entry("date", "2026-11-23"),
                    Map.entry("time", "10:00:00Z"),
                    Map.entry("duration", "P1DT2H"),
                    Map.entry("email", "ann@example.com"),
                    Map.entry("idn-email", "änn@example.com"),
                    Map.entry("hostname", "www.example.com"),
                    Map.entry("idn-hostname", "bücher.example"),
                    Map.entry("ipv4", "192.0.2.1"),
                    Map.entry("ipv6", "2001:db8::1"),
                    Map.entry("uri", "https://example.com/a?b=c"),
                    Map.entry("uri-reference", "/a?b=c"),
                    Map.entry("iri", "https://example.com/ä"),
                    Map.entry("iri-reference", "/ä"),
                    Map.entry("uuid", "01234567-89ab-cdef-0123-456789abcdef"),
                    Map.entry("uri-template", "/a{?b,c*}"),
                    Map.entry("json-pointer", "/a~1b/0"),
                    Map.entry("relative-json-pointer", "1/a"),
                    Map.entry("regex", "^(?=a)[a-z]+$"));

    static Stream<String> formats() {
        return BoundedFormat.names().stream();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void everyFormatIsChecked(String format) {
        assertThat(errors(format, String.valueOf(EXAMPLES.get(format)))).as(format).isEmpty();
        assertThat(errors(format, "\u0000[^")).as(format).hasSize(1);
    }

    /** The check of no format takes stack or minutes in proportion to the text. */
    @ParameterizedTest
    @MethodSource("formats")
    void textOfAMegabyteInAFormatIsAViolation(String format) {
        for (String part :
                List.of("a", "a.", "/a", "{a}", "{a", "(", "(a", "a{1000}", "1:", "%41")) {
            for (int length : List.of(60_000, 1_000_000)) {
                assertThat(errors(format, part.repeat(length / part.length())))
                        .as(format + " " + part)
                        .hasSize(1);
            }
        }
        assertThat(errors(format, EXAMPLES.get(format) + "a".repeat(1_000_000))).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void textBelowTheBoundDoesNotOverflowTheStack(String format) {
        for (String part :
                List.of("a", "a.", "/a", "{a}", "{a", "(", "(a", "a{1000}", "1:", "%41")) {
            String text = part.repeat(BoundedFormat.MAX_CHARACTERS / part.length());

            assertThat(errors(format, text)).as(format + " " + part).hasSizeLessThan(2);
        }
    }

    @Test
    void formatsAreAlsoBoundedIfTheSchemaNamesItsDialect() {
        ObjectNode schema = schema("uri-template");
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");

        assertThat(errors(schema, "a".repeat(60_000))).hasSize(1);
    }

    @Test
    void patternIsCutOffIfItsTextIsTooLong() throws InterruptedException {
        ObjectNode schema = schema("date");
        ((ObjectNode) schema.path("properties").path("f"))
                .without("format")
                .put("pattern", "(a{0,90}){90}b");
        Validating validating = new Validating(OutputSchema.of(schema), "a".repeat(1_000_000));

        try (ComputePool pool =
                ComputePool.start(
                        new ComputeLimits(1, Duration.ofMillis(50)), ComputeObserver.NONE)) {
            assertThat(pool.run(Priority.BULK, Step.JUDGE, 1, validating))
                    .isInstanceOf(Computed.Stopped.class);
            assertThat(pool.run(Priority.BULK, Step.JUDGE, 1, () -> 1))
                    .isEqualTo(new Computed.Done<>(1));
            assertThat(pool.stuck()).isZero();
        }
    }

    private record Validating(OutputSchema schema, String text) implements Callable<Integer> {
        @Override
        public Integer call() {
            return schema.validator().validate(JSON.createObjectNode().put("f", text)).size();
        }
    }

    private static List<Error> errors(String format, String text) {
        return errors(schema(format), text);
    }

    private static List<Error> errors(ObjectNode schema, String text) {
        return OutputSchema.of(schema).validator().validate(JSON.createObjectNode().put("f", text));
    }

    private static ObjectNode schema(String format) {
        ObjectNode schema = JSON.createObjectNode().put("type", "object");
        schema.putObject("properties").putObject("f").put("type", "string").put("format", format);
        return schema;
    }
}
