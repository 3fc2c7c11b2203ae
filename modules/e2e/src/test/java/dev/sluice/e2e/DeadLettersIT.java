package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.Reason;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.outcome.DeadLetterContent;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code sluice dead-letters} shows. */
class DeadLettersIT {
    private static final int INVALID = 12;
    private static final int STORM = Integer.getInteger("storm.letters", 10_000);
    private static final List<Reason> REASONS =
            List.of(
                    Reason.INVALID_OUTPUT,
                    Reason.BUDGET_EXCEEDED,
                    Reason.RETRIES_EXHAUSTED,
                    Reason.OUTPUT_TRUNCATED,
                    Reason.UNKNOWN_ANALYSIS);

    @TempDir private Path folder;

    @Test
    void lettersAreListedCountedShownAndExported() throws Exception {
        SimulatorSettings faulty =
                SimulatorSettings.defaults().withFaults(FaultRates.parse("out-of-range=1"), 1);
        try (Pipeline pipeline = new Pipeline(faulty, folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            publish(pipeline);
            assertThat(pipeline.committed.awaitOutcomes(INVALID + 2, PATIENCE))
                    .hasSize(INVALID + 2);

            assertThat(sluice(pipeline, "count", "--by", "reason,analysis"))
                    .containsPattern("INVALID_OUTPUT +seo +12 +0\\.0")
                    .containsPattern("UNDECODABLE +- +1 +0")
                    .containsPattern("all +14 +0\\.0");
            assertThat(
                            sluice(pipeline, "list", "--reason", "INVALID_OUTPUT", "--limit", "5")
                                    .lines())
                    .hasSize(8)
                    .anyMatch(line -> line.equals("These are the newest 5 of 12."));
            assertThat(sluice(pipeline, "list", "--json", "--kind", "poison").lines())
                    .singleElement()
                    .satisfies(line ->
                            assertThat(JsonMapper.shared().readTree(line).get("reason").asString())
                                    .isEqualTo("UNDECODABLE"));
            assertThat(sluice(pipeline, "list", "--user", "nobody"))
                    .contains("no such dead letters since", "--since looks further back");
            assertPage(sluice(pipeline, "show", "r3"));
            assertThat(sluice(pipeline, "show", "none"))
                    .contains("UNDECODABLE (POISON)", "3 bytes that are no request");
            assertThat(sluice(pipeline, "show", "unknown"))
                    .contains("UNKNOWN_ANALYSIS", "REFUSED", "Page number 1");
            assertExport(pipeline);
            assertDiscards(pipeline);
            assertMistakes(pipeline);
        }
    }

    private static void assertPage(String page) {
        assertThat(page)
                .contains("r3: INVALID_OUTPUT (FAILED)", "answer 1 of", "violations of the last")
                .contains("/title_length: must have a maximum", "\"title_length\":⟦1000000007⟧")
                .contains("requests.v1, partition", "Page number 3")
                .containsPattern("header +sluice-reason=INVALID_OUTPUT")
                .containsPattern("header +kafka_dlt-original-offset=\\d+")
                .containsPattern("cost +0\\.00\\d+ USD confirmed, 0\\.0+ USD unconfirmed, 2 calls");
    }

    private void assertExport(Pipeline pipeline) throws Exception {
        Path file = folder.resolve("letters.jsonl");
        assertThat(sluice(pipeline, "export", "--out", file.toString()))
                .contains("14 dead letters written to " + file);
        List<JsonNode> exported =
                Files.readAllLines(file).stream().map(JsonMapper.shared()::readTree).toList();
        assertThat(exported).hasSize(INVALID + 2);
        assertThat(exported)
                .filteredOn(letter -> letter.path("reason").asString().equals("INVALID_OUTPUT"))
                .allMatch(letter -> !letter.path("rawAnswers").isEmpty())
                .allMatch(letter -> letter.path("costUsd").isNumber());
        assertThat(fails(pipeline, "export", "--out", file.toString()))
                .contains("exists already; name a new file");
        assertThat(fails(pipeline, "export", "--out", folder.resolve("no/file").toString()))
                .contains("cannot write");
        assertThat(folder.resolve("letters.jsonl.part")).doesNotExist();
    }

    private void assertDiscards(Pipeline pipeline) throws Exception {
        assertThat(fails(pipeline, "discard", "r3")).contains("say why nothing is left to do");
        assertThat(fails(pipeline, "discard", "r3", "--undo", "--note", "no"))
                .contains("--undo takes no --note");
        assertThat(fails(pipeline, "discard", "--kind", "POISON", "--note", "a test"))
                .contains("nothing is changed without --yes");
        assertThat(sluice(pipeline, "discard", "--dry-run", "--note", "a test"))
                .contains("would be discarded: 14");
        assertThat(sluice(pipeline, "discard", "r3", "--note", "the customer has left"))
                .contains("discarded: 1");
        assertThat(sluice(pipeline, "discard", "--kind", "POISON", "--note", "a test", "-y"))
                .contains("discarded: 1");
        Commands.Ran left = run(pipeline, "count");
        assertThat(left.out()).containsPattern("all +12 ");
        assertThat(left.err()).contains("discarded and left out: 2; --with-discarded");
        assertThat(sluice(pipeline, "count", "--with-discarded")).containsPattern("all +14 ");
        assertThat(sluice(pipeline, "list", "--json", "--with-discarded").lines())
                .filteredOn(line -> line.contains("\"discarded\":\"the customer has left\""))
                .singleElement()
                .matches(line -> line.contains("\"r3\""));
        assertThat(sluice(pipeline, "show", "r3"))
                .containsPattern("discarded +the customer has left \\(\\w+, 20");
        assertThat(run(pipeline, "redrive", "--reason", "INVALID_OUTPUT", "--dry-run").out())
                .contains("%d requests can be redriven".formatted(INVALID - 1))
                .contains("1  they are discarded");
        assertThat(sluice(pipeline, "discard", "--undo", "--yes")).contains("taken back: 2");
        assertThat(sluice(pipeline, "count")).containsPattern("all +14 ");
    }

    private void assertMistakes(Pipeline pipeline) throws Exception {
        assertThat(fails(pipeline, "show", "nothing"))
                .contains("no dead letter of request nothing");
        assertThat(fails(pipeline, "list", "--since", "soon")).contains("'soon' is not a time");
        assertThat(fails(pipeline, "list", "--reason", "WRONG")).contains("INVALID_OUTPUT");
        assertThat(fails(pipeline, "list", "--limit", "0")).contains("--limit must be at least 1");
        assertThat(fails(pipeline, "list", "--since", "1h", "--until", "2h"))
                .contains("--until must be later than --since");
    }

    @Test
    void stormIsListedAndCountedAndOlderLettersAreNotRead() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            Instant now = Instant.now();
            write(pipeline, "old", now.minus(Duration.ofDays(3)), STORM);
            write(pipeline, "new", now, STORM);

            long begun = System.nanoTime();
            String counted = sluice(pipeline, "count");
            Duration counting = Duration.ofNanos(System.nanoTime() - begun);
            assertThat(counted).containsPattern("all +" + "%,d".formatted(STORM));
            for (Reason reason : REASONS) {
                assertThat(counted)
                        .containsPattern(reason + " +" + "%,d".formatted(STORM / REASONS.size()));
            }
            begun = System.nanoTime();
            assertThat(sluice(pipeline, "list")).contains("These are the newest 50 of");
            Duration listing = Duration.ofNanos(System.nanoTime() - begun);
            begun = System.nanoTime();
            assertThat(sluice(pipeline, "show", "new7").lines().findFirst())
                    .hasValueSatisfying(line -> assertThat(line).startsWith("new7: "));
            Duration showing = Duration.ofNanos(System.nanoTime() - begun);
            assertThat(sluice(pipeline, "list", "--since", "7d", "--until", "1d"))
                    .contains("old", "of %,d.".formatted(STORM))
                    .doesNotContain("new1");
            System.out.printf(
                    "%,d dead letters of a day: counted in %d ms, listed in %d ms, one shown in %d"
                            + " ms%n",
                    STORM, counting.toMillis(), listing.toMillis(), showing.toMillis());
        }
    }

    private static void publish(Pipeline pipeline) {
        for (int i = 0; i < INVALID; i++) {
            pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
        }
        pipeline.publish("none", new byte[] {9, 9, 9});
        AnalysisRequest unknown = Pipeline.request("unknown", Pipeline.page(1));
        unknown.setAnalysis("nothing");
        pipeline.publish(unknown);
    }

    private static void write(Pipeline pipeline, String prefix, Instant time, int count)
            throws Exception {
        String topic = pipeline.connection.topics().deadLetters();
        try (ConfluentAvroSerializer<Object> serializer = new ConfluentAvroSerializer<>();
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                pipeline.connection.producer(),
                                new ByteArraySerializer(),
                                new ByteArraySerializer())) {
            serializer.configure(pipeline.connection.registry(), false);
            DeadLetterWriter writer =
                    new DeadLetterWriter(
                            pipeline.connection.topics(),
                            serializer,
                            8 << 20,
                            DeadLetterContent.WHOLE);
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ProducerRecord<byte[], byte[]> record = writer.record(letter(prefix + i, i, time));
                sent.add(
                        producer.send(
                                new ProducerRecord<>(
                                        topic,
                                        null,
                                        time.toEpochMilli(),
                                        record.key(),
                                        record.value(),
                                        record.headers())));
            }
            producer.flush();
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
    }

    private static DeadLetter letter(String id, int number, Instant time) {
        return DeadLetter.newBuilder()
                .setRequestId(id)
                .setUserId("user" + number % 100)
                .setAnalysis("seo")
                .setKind(DeadLetterKind.FAILED)
                .setReason(REASONS.get(number % REASONS.size()))
                .setMessage("something went wrong")
                .setFailedAt(time)
                .setRawAnswers(List.of("{\"title_tag\": \"%s\"}".formatted("x".repeat(1_000))))
                .build();
    }

    private String sluice(Pipeline pipeline, String... arguments) throws Exception {
        Commands.Ran ran = run(pipeline, arguments);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err()).isEmpty();
        return ran.out();
    }

    private String fails(Pipeline pipeline, String... arguments) throws Exception {
        Commands.Ran ran = run(pipeline, arguments);
        assertThat(ran.exitCode()).isEqualTo(ExitCode.MISUSED);
        assertThat(ran.err()).doesNotContain("\tat ");
        return ran.err();
    }

    private Commands.Ran run(Pipeline pipeline, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 1];
        all[0] = "dead-letters";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return Commands.run(pipeline, folder, all);
    }
}
