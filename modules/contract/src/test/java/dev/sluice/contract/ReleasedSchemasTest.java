package dev.sluice.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The schemas are compatible with those of each released version, in src/test/resources/released.
 * This test writes the schemas of today to target/released; CONTRIBUTING.md says how a release
 * records them.
 */
class ReleasedSchemasTest {
    private static final Path RELEASED = Path.of("src/test/resources/released");
    private static final SchemaFormatter PRETTY = SchemaFormatter.getInstance("json/pretty");
    private static final Path TODAY = Path.of("target/released");

    /** Written by others or by older instances of Sluice, and read by Sluice. */
    private static final List<Schema> INPUTS =
            List.of(
                    AnalysisRequest.getClassSchema(),
                    BudgetChange.getClassSchema(),
                    Discard.getClassSchema(),
                    AnalysisJob.getClassSchema(),
                    Settlement.getClassSchema(),
                    Attempt.getClassSchema());

    /** Written by Sluice and read by others, whose schema may be older or newer. */
    private static final List<Schema> OUTCOMES =
            List.of(
                    ResultEnvelope.getClassSchema(),
                    DeadLetter.getClassSchema(),
                    ModelCall.getClassSchema(),
                    Spend.getClassSchema());

    @Test
    void schemasAreCompatibleWithEveryRelease() throws IOException {
        List<String> problems = new ArrayList<>();
        for (Path release : releases()) {
            for (Schema today : all()) {
                Path file = release.resolve(today.getName() + ".avsc");
                if (Files.exists(file)) {
                    problems.addAll(
                            problems(today, new Schema.Parser().parse(Files.readString(file))));
                }
            }
        }

        assertThat(problems).isEmpty();
    }

    @Test
    void noSchemaOfTheLastReleaseIsGone() throws IOException {
        List<Path> releases = releases();
        Path last = releases.get(releases.size() - 1);
        try (Stream<Path> files = Files.list(last)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .isNotEmpty()
                    .allSatisfy(name ->
                            assertThat(all())
                                    .extracting(schema -> schema.getName() + ".avsc")
                                    .contains(name));
        }
    }

    @Test
    void schemasOfTodayAreWrittenForTheNextRelease() throws IOException {
        Files.createDirectories(TODAY);
        for (Schema schema : all()) {
            Path file = TODAY.resolve(schema.getName() + ".avsc");
            Files.writeString(file, PRETTY.format(schema) + "\n");
            assertThat(new Schema.Parser().parse(Files.readString(file))).isEqualTo(schema);
        }
    }

    /** A field of a request that has no default, and a field of an outcome that is gone. */
    @ParameterizedTest
    @ValueSource(strings = {"AnalysisRequest", "ModelCall", "Spend", "AnalysisJob"})
    void newFieldWithoutADefaultIsFound(String name) {
        Schema today = named(name);
        Schema withoutOne = withoutField(today, firstWithoutDefault(today));

        assertThat(problems(today, withoutOne)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Spend", "ModelCall", "ResultEnvelope"})
    void removedFieldOfAnOutcomeIsFoundBecauseOlderReadersNeedIt(String name) {
        Schema today = named(name);

        assertThat(problems(withoutField(today, firstWithoutDefault(today)), today))
                .singleElement()
                .asString()
                .contains(name, "READER_FIELD_MISSING_DEFAULT_VALUE");
    }

    @Test
    void removedFieldOfARequestIsAllowedBecauseSluiceIsTheOnlyReader() {
        Schema today = AnalysisRequest.getClassSchema();

        assertThat(problems(withoutField(today, firstWithoutDefault(today)), today)).isEmpty();
    }

    private static List<String> problems(Schema today, Schema released) {
        List<String> problems = new ArrayList<>(unreadable("today's reader", today, released));
        if (OUTCOMES.stream().anyMatch(outcome -> outcome.getName().equals(today.getName()))) {
            problems.addAll(unreadable("the released reader", released, today));
        }
        return problems;
    }

    private static List<String> unreadable(String who, Schema reader, Schema writer) {
        List<Incompatibility> found =
                SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                        .getResult()
                        .getIncompatibilities();
        return found.stream()
                .map(problem ->
                        "%s cannot read %s: %s at %s, %s"
                                .formatted(
                                        who,
                                        writer.getName(),
                                        problem.getType(),
                                        problem.getLocation(),
                                        problem.getMessage()))
                .toList();
    }

    /** Folders of releases, the oldest first. */
    private static List<Path> releases() throws IOException {
        try (Stream<Path> folders = Files.list(RELEASED)) {
            return folders.sorted((one, other) -> Arrays.compare(numbers(one), numbers(other)))
                    .toList();
        }
    }

    private static int[] numbers(Path release) {
        return Arrays.stream(release.getFileName().toString().split("\\."))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static List<Schema> all() {
        return Stream.concat(INPUTS.stream(), OUTCOMES.stream()).toList();
    }

    private static Schema named(String name) {
        return all().stream()
                .filter(schema -> schema.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String firstWithoutDefault(Schema schema) {
        return schema.getFields().stream()
                .filter(field -> !field.hasDefaultValue())
                .map(Schema.Field::name)
                .findFirst()
                .orElseThrow();
    }

    private static Schema withoutField(Schema schema, String name) {
        List<Schema.Field> others =
                schema.getFields().stream()
                        .filter(field -> !field.name().equals(name))
                        .map(field -> new Schema.Field(field, field.schema()))
                        .toList();
        return Schema.createRecord(
                schema.getName(), schema.getDoc(), schema.getNamespace(), false, others);
    }
}
