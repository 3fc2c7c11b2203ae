package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.spend.BudgetClient;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.OwnLimits;
import dev.sluice.contract.RequestPublisher;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients in other languages, without plugins, read every public topic: kafkajs if Node is
 * installed, librdkafka if kcat is installed.
 */
class ForeignClientsIT {
    private static final int RESULTS = 12;
    private static final int REFUSED = 3;

    @TempDir private static Path folder;
    private static Pipeline pipeline;
    private static Map<String, List<ForeignClient.Seen>> own;

    @BeforeAll
    static void fillEveryPublicTopic() throws Exception {
        pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
        pipeline.start(EnumSet.allOf(Role.class));
        try (BudgetClient budgets = new BudgetClient(pipeline.connection, InstantSource.system())) {
            budgets.set("ann", OwnLimits.newBuilder().setRequestsPerHour(1_000).build());
        }
        try (RequestPublisher publisher = publisher()) {
            for (AnalysisRequest request : requests()) {
                var _ = publisher.publish(request).get(30, TimeUnit.SECONDS);
            }
        }
        pipeline.publish("no-record", new byte[] {9, 9, 9});
        int outcomes = RESULTS * pipeline.analyses.all().size() + REFUSED + 1;
        assertThat(pipeline.committed.awaitOutcomes(outcomes, PATIENCE)).hasSize(outcomes);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(pipeline.committed.booked())
                                .isEqualByComparingTo(pipeline.simulator.billedUsd()));
        own = ForeignClient.ofThisJvm(pipeline.connection, publicTopics());
        assertThat(own.values()).noneMatch(List::isEmpty);
    }

    @AfterAll
    static void close() {
        pipeline.close();
    }

    @Test
    void kafkaJsReadsEveryPublicTopic() throws Exception {
        assertThat(ForeignClient.kafkaJs(pipeline.connection, own)).isEqualTo(own);
    }

    @Test
    void librdkafkaReadsEveryPublicTopic() throws Exception {
        assertThat(ForeignClient.kcat(pipeline.connection, publicTopics())).isEqualTo(own);
    }

    /**
     * The reason for this test class. Without this test, a client that reads nothing might pass.
     */
    @Test
    void kafkaJsFailsOnLz4() throws Exception {
        String topic = pipeline.connection.topics().prefix() + "lz4";
        Map<String, Object> settings = new HashMap<>(pipeline.connection.producer());
        settings.put("compression.type", "lz4");
        try (Admin admin = Admin.create(pipeline.connection.client());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
            var _ = producer.send(new ProducerRecord<>(topic, new byte[9], new byte[9])).get();
        }
        var lz4 = ForeignClient.ofThisJvm(pipeline.connection, List.of(topic));

        assertThatThrownBy(() -> ForeignClient.kafkaJs(pipeline.connection, lz4))
                .hasMessageContaining("LZ4");
    }

    private static List<String> publicTopics() {
        var topics = pipeline.connection.topics();
        return Stream.concat(
                        Stream.of(
                                topics.requests(),
                                topics.deadLetters(),
                                topics.calls(),
                                topics.spend(),
                                topics.budgets()),
                        pipeline.analyses.all().stream()
                                .map(analysis -> topics.results(analysis.name())))
                .toList();
    }

    private static RequestPublisher publisher() {
        Map<String, Object> settings = new HashMap<>(pipeline.connection.registry());
        settings.putAll(pipeline.connection.client());
        return new RequestPublisher(pipeline.connection.topics(), settings);
    }

    private static List<AnalysisRequest> requests() {
        List<AnalysisRequest> requests = new ArrayList<>();
        pipeline.analyses
                .all()
                .forEach(analysis -> {
                    for (int i = 0; i < RESULTS; i++) {
                        requests.add(request(analysis.name() + "-" + i, analysis.name()));
                    }
                });
        for (int i = 0; i < REFUSED; i++) {
            requests.add(request("refused-" + i, "nobody-wrote-this"));
        }
        return requests;
    }

    private static AnalysisRequest request(String id, String analysis) {
        return AnalysisRequest.newBuilder(Pipeline.request(id, Pipeline.page(id.hashCode())))
                .setAnalysis(analysis)
                .build();
    }
}
