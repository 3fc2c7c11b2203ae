package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Reason;
import dev.sluice.contract.outcome.Outcome;
import dev.sluice.contract.outcome.OutcomeReader;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.results.SeoResult;
import dev.sluice.simulator.SimulatorSettings;
import example.PublishRequests;
import example.ReadOutcomes;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downstream systems that read outcomes with the Java client. */
class OutcomeReaderIT {
    private static final Duration POLL = Duration.ofMillis(200);

    @TempDir private Path folder;

    @Test
    void exampleOfTheJavaPagePublishesAndReads() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            assertThat(Commands.run(pipeline, folder, "topics", "create").exitCode()).isZero();
            pipeline.start(EnumSet.allOf(Role.class));
            String brokers = setting(pipeline.connection.client(), "bootstrap.servers");
            String registry = setting(pipeline.connection.registry(), "schema.registry.url");
            String prefix = pipeline.connection.topics().prefix();
            List<String> lines = new CopyOnWriteArrayList<>();
            ReadOutcomes reading = new ReadOutcomes(brokers, registry, prefix, lines::add);
            Thread thread = Thread.ofPlatform().start(reading::run);
            try (PublishRequests publisher = new PublishRequests(brokers, registry, prefix)) {
                publisher.publish(
                        "ann",
                        new TreeMap<>(
                                Map.of(
                                        "p1",
                                        Pipeline.page(1),
                                        "p2",
                                        Pipeline.page(2),
                                        "p3",
                                        "x".repeat((4 << 20) + 1))));
            }

            await().atMost(PATIENCE).until(() -> lines.size() == 3);
            reading.stop();
            thread.join(PATIENCE.toMillis());

            assertThat(lines)
                    .anyMatch(line -> line.matches("p1: Page number 1, 0\\.0\\d+ USD"))
                    .anyMatch(line -> line.matches("p2: Page number 2, 0\\.0\\d+ USD"))
                    .contains(
                            "p3: INPUT_TOO_LARGE, content has 4194305 bytes, the analysis takes"
                                    + " 4194304")
                    .endsWith("stopped");
        }
    }

    @Test
    void outcomesThatWereNotCommittedAreReadAgain() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            for (int i = 0; i < 10; i++) {
                pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
            }
            assertThat(pipeline.committed.awaitOutcomes(10, PATIENCE)).hasSize(10);
            try (OutcomeReader<SeoResult> reader = reader(pipeline)) {
                assertThat(ids(read(reader, 10))).hasSize(10);
            }
            try (OutcomeReader<SeoResult> reader = reader(pipeline)) {
                assertThat(ids(read(reader, 10))).hasSize(10);
                reader.commit();
                assertThat(
                                reader.offsets().values().stream()
                                        .mapToLong(offset -> offset.offset())
                                        .sum())
                        .isGreaterThanOrEqualTo(10);
            }
            pipeline.publish(Pipeline.request("last", Pipeline.page(99)));
            try (OutcomeReader<SeoResult> reader = reader(pipeline)) {
                assertThat(ids(read(reader, 1))).containsExactly("last");
            }
        }
    }

    @Test
    void eachKindOfOutcomeIsToldApart() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            AnalysisRequest ofAnother = Pipeline.request("other", " ");
            ofAnother.setAnalysis("support-ticket");
            pipeline.publish(ofAnother);
            pipeline.publish("junk", new byte[] {9, 9, 9});
            pipeline.publish(Pipeline.request("empty", " "));
            pipeline.publish(Pipeline.request("fine", Pipeline.page(1)));
            assertThat(pipeline.committed.awaitOutcomes(4, PATIENCE)).hasSize(4);
            String results = pipeline.connection.topics().results("seo");
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(
                            pipeline.connection.producer(),
                            new ByteArraySerializer(),
                            new ByteArraySerializer())) {
                producer.send(new ProducerRecord<>(results, key("a"), key("no outcome"))).get();
                producer.send(new ProducerRecord<>(results, key("b"), null)).get();
            }

            try (OutcomeReader<SeoResult> reader = reader(pipeline)) {
                List<Outcome<SeoResult>> outcomes = read(reader, 5);
                assertThat(outcomes)
                        .filteredOn(Outcome.Result.class::isInstance)
                        .singleElement()
                        .isInstanceOfSatisfying(
                                Outcome.Result.class,
                                result ->
                                        assertThat(((SeoResult) result.value()).getCostUsd())
                                                .isEqualByComparingTo(
                                                        pipeline.simulator.billedUsd()));
                assertThat(outcomes)
                        .filteredOn(Outcome.Failed.class::isInstance)
                        .extracting(failed ->
                                ((Outcome.Failed<SeoResult>) failed).deadLetter().getReason())
                        .containsExactlyInAnyOrder(Reason.UNDECODABLE, Reason.INVALID_REQUEST);
                assertThat(outcomes)
                        .filteredOn(Outcome.Unreadable.class::isInstance)
                        .hasSize(2)
                        .allMatch(unreadable -> unreadable.place().topic().equals(results));
            }
            try (OutcomeReader<GenericRecord> reader =
                    OutcomeReader.generic(
                            pipeline.connection.topics(), "seo", settings(pipeline, "generic"))) {
                assertThat(read(reader, 5))
                        .filteredOn(Outcome.Result.class::isInstance)
                        .singleElement()
                        .extracting(result ->
                                ((Outcome.Result<GenericRecord>) result).value().get("costUsd"))
                        .isInstanceOf(BigDecimal.class);
            }
        }
    }

    @Test
    void outageOfTheRegistryLosesNothing() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            for (int i = 0; i < 5; i++) {
                pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
            }
            assertThat(pipeline.committed.awaitOutcomes(5, PATIENCE)).hasSize(5);
            Map<String, Object> settings = settings(pipeline, "reports");
            settings.put("max.retries", 0);
            try (OutcomeReader<SeoResult> reader =
                    OutcomeReader.of(
                            SeoResult.class, pipeline.connection.topics(), "seo", settings)) {
                pipeline.registry.fail(503);
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(() -> read(reader, 1))
                            .isInstanceOf(RegistryUnavailableException.class);
                }
                assertThat(reader.offsets()).isEmpty();
                pipeline.registry.recover();

                assertThat(ids(read(reader, 5))).hasSize(5).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void readersOfAGroupShareTheOutcomes() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            List<String> seen = new ArrayList<>();
            try (OutcomeReader<SeoResult> one = reader(pipeline);
                    OutcomeReader<SeoResult> other = reader(pipeline)) {
                for (int i = 0; i < 60; i++) {
                    pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
                }
                await().atMost(PATIENCE)
                        .until(() -> {
                            for (OutcomeReader<SeoResult> reader : List.of(one, other)) {
                                seen.addAll(ids(reader.poll(POLL)));
                                reader.commit();
                            }
                            return seen.size() >= 60;
                        });
            }
            assertThat(seen).hasSize(60).doesNotHaveDuplicates();
        }
    }

    @Test
    void settingsThatBreakTheGuaranteesAreRejected() throws Exception {
        Map<String, Object> settings =
                new HashMap<>(
                        Map.of(
                                "bootstrap.servers",
                                "127.0.0.1:1",
                                "schema.registry.url",
                                "http://127.0.0.1:1"));
        assertThatThrownBy(() -> open(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("group.id is missing");
        settings.put("group.id", "g");
        settings.put("isolation.level", "read_uncommitted");
        assertThatThrownBy(() -> open(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("isolation.level must be read_committed here");
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", true);
        assertThatThrownBy(() -> open(settings))
                .hasMessageContaining("enable.auto.commit must be false here");
    }

    private static OutcomeReader<SeoResult> open(Map<String, Object> settings) {
        return OutcomeReader.of(
                SeoResult.class, new dev.sluice.contract.Topics("sluice."), "seo", settings);
    }

    private static OutcomeReader<SeoResult> reader(Pipeline pipeline) {
        return OutcomeReader.of(
                SeoResult.class,
                pipeline.connection.topics(),
                "seo",
                settings(pipeline, "reports"));
    }

    private static Map<String, Object> settings(Pipeline pipeline, String group) {
        Map<String, Object> settings = new HashMap<>(pipeline.connection.client());
        settings.putAll(pipeline.connection.registry());
        settings.put("group.id", pipeline.connection.topics().prefix() + group);
        return settings;
    }

    private static String setting(Map<String, Object> settings, String name) {
        return String.valueOf(settings.get(name));
    }

    private static <T> List<Outcome<T>> read(OutcomeReader<T> reader, int count) {
        List<Outcome<T>> read = new ArrayList<>();
        await().atMost(PATIENCE)
                .until(() -> {
                    read.addAll(reader.poll(POLL));
                    return read.size() >= count;
                });
        return read;
    }

    private static List<String> ids(List<Outcome<SeoResult>> outcomes) {
        return outcomes.stream()
                .map(outcome ->
                        ((Outcome.Result<SeoResult>) outcome).value().getRequestId().toString())
                .toList();
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
