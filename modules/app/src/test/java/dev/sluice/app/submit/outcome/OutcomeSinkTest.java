package dev.sluice.app.submit.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.submit.RequestIds;
import dev.sluice.app.submit.Submission;
import dev.sluice.app.submit.source.InvalidSourceException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutcomeSinkTest {
    private static final Schema OUTPUT =
            SchemaBuilder.record("Output")
                    .fields()
                    .requiredString("title")
                    .name("issues")
                    .type()
                    .array()
                    .items()
                    .stringType()
                    .noDefault()
                    .endRecord();

    private static final Schema RESULT =
            SchemaBuilder.record("Result")
                    .fields()
                    .requiredString("requestId")
                    .requiredString("userId")
                    .name("costUsd")
                    .type(SchemaBuilder.builder().bytesType())
                    .noDefault()
                    .name("output")
                    .type(OUTPUT)
                    .noDefault()
                    .endRecord();

    private static final Schema DEAD_LETTER =
            SchemaBuilder.record("DeadLetter")
                    .fields()
                    .requiredString("requestId")
                    .requiredString("userId")
                    .requiredString("reason")
                    .requiredString("message")
                    .endRecord();

    @TempDir private Path folder;

    @Test
    void linesAreInTheOrderOfTheSourcesWhateverTheOrderOfTheOutcomes() throws Exception {
        Path file = folder.resolve("out.jsonl");
        try (OutcomeSink sink = OutcomeSink.of(file.toString(), planned("a", "b", "c"))) {
            sink.add(2, result("c", "third"));
            sink.add(0, deadLetter("a"));
            assertThat(file).doesNotExist();
            sink.complete();
        }

        assertThat(Files.readAllLines(file))
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .contains("\"source\":\"a\",\"outcome\":\"DEAD_LETTER\""),
                        line ->
                                assertThat(line)
                                        .isEqualTo(
                                                "{\"source\":\"b\",\"outcome\":\"PENDING\","
                                                        + "\"requestId\":\"id-b\",\"userId\":\"ann\"}"),
                        line ->
                                assertThat(line)
                                        .contains("\"source\":\"c\",\"outcome\":\"RESULT\"")
                                        .contains("\"title\":\"third\""));
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void csvHasAColumnForEachFieldOfTheOutputAndNoFormulas() throws Exception {
        Path file = folder.resolve("out.csv");
        try (OutcomeSink sink = OutcomeSink.of(file.toString(), planned("a", "b", "c"))) {
            sink.add(1, deadLetter("b"));
            sink.add(0, result("a", "=HYPERLINK(\"x\")"));
            sink.complete();
        }

        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "source,requestId,userId,outcome,reason,message,costUsd,unconfirmedUsd,model,"
                                + "paidBy,output.title,output.issues",
                        "a,id-a,ann,RESULT,,,0.000493200,,,,\"'=HYPERLINK(\"\"x\"\")\",\"[\"\"i, j\"\"]\"",
                        "b,id-b,ann,DEAD_LETTER,INVALID_OUTPUT,\"broken, twice\",,,,,,",
                        "c,id-c,ann,PENDING,,,,,,,,");
    }

    @Test
    void interruptedFileLeavesNothing() throws Exception {
        Path file = folder.resolve("out.csv");
        try (OutcomeSink sink = OutcomeSink.of(file.toString(), planned("a"))) {
            sink.add(0, result("a", "x"));
        }

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void existingFileIsNotOverwritten() throws Exception {
        Path file = Files.writeString(folder.resolve("out.csv"), "mine");

        assertThatThrownBy(() -> OutcomeSink.of(file.toString(), planned("a")))
                .isInstanceOf(InvalidSourceException.class)
                .hasMessageContaining("exists already");
        Path other = Files.writeString(folder.resolve("file"), "mine");
        assertThatThrownBy(() -> OutcomeSink.of(other.toString(), planned("a")))
                .hasMessageContaining("is a file; name a folder");
        assertThatThrownBy(
                        () -> OutcomeSink.of(folder.resolve("no/out.csv").toString(), planned("a")))
                .hasMessageContaining("there is no such folder");
    }

    @Test
    void twoCommandsDoNotWriteTheSameFile() throws Exception {
        Path file = folder.resolve("out.jsonl");
        try (OutcomeSink sink = OutcomeSink.of(file.toString(), planned("a"))) {
            assertThatThrownBy(() -> OutcomeSink.of(file.toString(), planned("a")))
                    .hasMessageContaining("another sluice submit is writing");
            sink.add(0, result("a", "x"));
            Files.writeString(file, "of somebody else");
            assertThatThrownBy(sink::complete)
                    .isInstanceOf(InvalidSourceException.class)
                    .hasMessageContaining("appeared meanwhile; the outcomes are in");
        }
        assertThat(file).hasContent("of somebody else");
        assertThat(folder.resolve("out.jsonl.ordered.part")).content().contains("\"title\":\"x\"");
    }

    @Test
    void nameOfAnotherKindOfFileIsAMistake() throws Exception {
        String file = folder.resolve("out.json").toString();

        assertThatThrownBy(() -> OutcomeSink.of(file, planned("a")))
                .hasMessageContaining("a file must end with .jsonl or .csv")
                .hasMessageContaining("write " + file + "/");
        try (OutcomeSink sink = OutcomeSink.of(file + "/", planned("a"))) {
            sink.add(0, result("a", "x"));
        }
        assertThat(folder.resolve("out.json/a.result.json")).exists();
    }

    @Test
    void folderHasAFileForEachOutcomeAndTheLatestKindOnly() throws Exception {
        Path out = folder.resolve("out");
        try (OutcomeSink sink =
                OutcomeSink.of(out.toString(), planned("sub/a.html", "rows.csv:7", "../../b"))) {
            sink.add(0, deadLetter("a"));
            sink.add(0, result("a", "x"));
            sink.add(1, deadLetter("b"));
            sink.add(2, result("b", "x"));
            sink.complete();
        }

        assertThat(out.resolve("sub/a.html.result.json")).content().contains("\"title\" : \"x\"");
        assertThat(out.resolve("sub/a.html.dead-letter.json")).doesNotExist();
        assertThat(out.resolve("rows.csv-7.dead-letter.json")).content().contains("INVALID_OUTPUT");
        assertThat(out.resolve(RequestIds.hash("../../b") + ".result.json"))
                .as("stays in the folder")
                .exists();
        assertThat(folder.getParent().resolve("b.result.json")).doesNotExist();
    }

    @Test
    void eachItemHasAFileOfItsOwnWhateverItsName() throws Exception {
        Path out = folder.resolve("out");
        String longName = "x".repeat(240) + ".html";
        String[] labels = {"x.csv:1", "x.csv-1", "sub/../x.csv-1", longName};
        try (OutcomeSink sink = OutcomeSink.of(out.toString(), planned(labels))) {
            for (int i = 0; i < labels.length; i++) {
                sink.add(i, result("a", "title " + i));
            }
        }

        assertThat(out.resolve("x.csv-1.result.json")).content().contains("title 0");
        assertThat(out.resolve("x.csv-1-2.result.json")).content().contains("title 1");
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files).hasSize(labels.length);
        }
    }

    private static List<Submission.Planned> planned(String... labels) {
        return java.util.Arrays.stream(labels)
                .map(label ->
                        new Submission.Planned(label, new RequestIdentity("ann", "id-" + label)))
                .toList();
    }

    private static OutcomeRecord result(String id, String title) throws IOException {
        GenericRecord output = new GenericData.Record(OUTPUT);
        output.put("title", title);
        output.put("issues", List.of("i, j"));
        GenericRecord result = new GenericData.Record(RESULT);
        result.put("requestId", "id-" + id);
        result.put("userId", "ann");
        result.put("costUsd", new BigDecimal("0.000493200"));
        result.put("output", output);
        return new OutcomeRecord(true, result);
    }

    private static OutcomeRecord deadLetter(String id) {
        GenericRecord letter = new GenericData.Record(DEAD_LETTER);
        letter.put("requestId", "id-" + id);
        letter.put("userId", "ann");
        letter.put("reason", "INVALID_OUTPUT");
        letter.put("message", "broken, twice");
        return new OutcomeRecord(false, letter);
    }
}
