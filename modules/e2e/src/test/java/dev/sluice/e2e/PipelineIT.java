package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.apache.kafka.clients.admin.Admin;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole pipeline on real pages and on unexpected input. */
class PipelineIT {
    @TempDir private Path folder;

    @Test
    void everyExamplePageBecomesATypedResultWithItsOwnTitle() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            Map<String, String> titles = new HashMap<>();
            try (Stream<Path> pages = Files.list(Path.of(System.getProperty("examples.pages")))) {
                for (Path page : pages.filter(p -> p.toString().endsWith(".html")).toList()) {
                    String html = Files.readString(page);
                    titles.put(page.getFileName().toString(), Jsoup.parse(html).title());
                    pipeline.publish(Pipeline.request(page.getFileName().toString(), html));
                }
            }

            List<Read> outcomes = pipeline.committed.awaitOutcomes(titles.size(), PATIENCE);

            assertThat(outcomes).hasSize(titles.size()).allMatch(Read::isResult);
            for (Read outcome : outcomes) {
                GenericRecord output = (GenericRecord) outcome.value().get("output");
                assertThat(output.get("title_tag")).hasToString(titles.get(outcome.key()));
                assertThat(output.get("priority_score")).isInstanceOf(Long.class);
                assertThat(outcome.value().get("attributes").toString()).contains("blue");
            }
            assertThat(spend(outcomes)).isEqualByComparingTo(pipeline.simulator.billedUsd());
            assertThat(spend(pipeline.committed.calls()))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(pipeline.committed.booked())
                                    .isEqualByComparingTo(pipeline.simulator.billedUsd()));
            // With other brokers, admission must not find this state.
            try (Admin admin = Admin.create(pipeline.connection.client())) {
                assertThat(folder.resolve("state-0").toFile().list())
                        .containsExactly(admin.describeCluster().clusterId().get());
            }
        }
    }

    @Test
    void badInputEndsInADeadLetterWithItsReasonAndTheRestIsUntouched() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            byte[] binary = new byte[4_000];
            new java.util.Random(1).nextBytes(binary);
            AnalysisRequest invalidUtf8 = Pipeline.request("invalid-utf8", "x");
            invalidUtf8.setContent(
                    new Utf8(new byte[] {'<', 'p', '>', (byte) 0xC3, (byte) 0x28, '<'}));
            AnalysisRequest late = Pipeline.request("late", Pipeline.page(0));
            late.setDeadline(java.time.Instant.EPOCH);
            AnalysisRequest unknown = Pipeline.request("unknown", Pipeline.page(0));
            unknown.setAnalysis("horoscope");

            pipeline.publish(Pipeline.request("before", Pipeline.page(1)));
            pipeline.publish(Pipeline.request("empty", ""));
            pipeline.publish(
                    Pipeline.request("binary", new String(binary, StandardCharsets.UTF_8)));
            pipeline.publish(Pipeline.request("five-megabytes", "<p>" + "lorem ".repeat(900_000)));
            pipeline.publish(
                    Pipeline.request("one-line", "<title>Line</title>" + "word ".repeat(99)));
            pipeline.publish(invalidUtf8);
            pipeline.publish(late);
            pipeline.publish(unknown);
            pipeline.publish("no-avro", "{\"hello\":\"world\"}".getBytes(StandardCharsets.UTF_8));
            pipeline.publish("unknown-schema", new byte[] {0, 0, 0, 99, 99, 1, 2, 3});
            byte[] torn = pipeline.serialized(Pipeline.request("torn", Pipeline.page(2)));
            pipeline.publish("torn", java.util.Arrays.copyOf(torn, torn.length / 2));
            pipeline.publish("tombstone", (byte[]) null);
            pipeline.publish(Pipeline.request("after", Pipeline.page(3)));

            List<Read> outcomes = pipeline.committed.awaitOutcomes(13, PATIENCE);

            Map<String, String> ends =
                    outcomes.stream()
                            .collect(
                                    Collectors.toMap(
                                            Read::key,
                                            read ->
                                                    read.isResult()
                                                            ? "RESULT"
                                                            : read.text("reason")));
            assertThat(ends)
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.ofEntries(
                                    Map.entry("before", "RESULT"),
                                    Map.entry("empty", "INVALID_REQUEST"),
                                    Map.entry("binary", "INVALID_REQUEST"),
                                    Map.entry("five-megabytes", "INPUT_TOO_LARGE"),
                                    Map.entry("one-line", "RESULT"),
                                    Map.entry("invalid-utf8", "INVALID_REQUEST"),
                                    Map.entry("late", "DEADLINE_EXCEEDED"),
                                    Map.entry("unknown", "UNKNOWN_ANALYSIS"),
                                    Map.entry("no-avro", "UNDECODABLE"),
                                    Map.entry("unknown-schema", "UNDECODABLE"),
                                    Map.entry("torn", "UNDECODABLE"),
                                    Map.entry("tombstone", "UNDECODABLE"),
                                    Map.entry("after", "RESULT")));
            assertThat(pipeline.simulator.requests()).isEqualTo(3);
            Read noAvro =
                    outcomes.stream()
                            .filter(r -> r.key().equals("no-avro"))
                            .findFirst()
                            .orElseThrow();
            GenericRecord original = (GenericRecord) noAvro.value().get("original");
            assertThat(
                            StandardCharsets.UTF_8
                                    .decode((java.nio.ByteBuffer) original.get("value"))
                                    .toString())
                    .isEqualTo("{\"hello\":\"world\"}");
        }
    }

    @Test
    void outageOfTheRegistryDelaysRequestsAndLosesNone() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            List<byte[]> requests =
                    java.util.stream.IntStream.range(0, 20)
                            .mapToObj(i ->
                                    pipeline.serialized(
                                            Pipeline.request("r" + i, Pipeline.page(i))))
                            .toList();
            pipeline.start(EnumSet.allOf(Role.class));
            pipeline.registry.fail(503);
            for (int i = 0; i < requests.size(); i++) {
                pipeline.publish("r" + i, requests.get(i));
            }
            await().atMost(PATIENCE)
                    .until(() ->
                            pipeline.registry.requests().stream()
                                            .filter(r -> r.contains("/schemas/ids/"))
                                            .count()
                                    > 3);

            pipeline.registry.recover();

            List<Read> outcomes = pipeline.committed.awaitOutcomes(20, PATIENCE);
            assertThat(outcomes).hasSize(20).allMatch(Read::isResult);
        }
    }

    static BigDecimal spend(List<Read> rows) {
        return rows.stream()
                .map(row -> (BigDecimal) row.value().get("costUsd"))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
