package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job that does not end fills the window of its partition, and is reported before the window is
 * full.
 */
class HeldPartitionIT {
    private static final String UNKNOWN = "unknown-here";
    private static final Path SUPPORT_TICKET = Path.of("../../analyses/support-ticket");

    /** A little more than three quarters of the window. */
    private static final int OFFSETS = 13_000;

    @TempDir private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void jobThatHoldsUpItsPartitionIsNamedAndEndsAtItsDeadline() throws Exception {
        int port = Ports.free();
        try (Pipeline pipeline =
                new Pipeline(
                        SimulatorSettings.defaults(),
                        folder,
                        AnalysisCatalog.load(Optional.of(analyses())))) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            AnalysisRequest stuck = Pipeline.request("stuck", "I cannot log in.");
            stuck.setAnalysis(UNKNOWN);
            stuck.setDeadline(Instant.now().plusSeconds(110));
            pipeline.publish(stuck);
            await().atMost(PATIENCE).until(() -> pipeline.committed.writtenJobs() > 0);
            passOffsets(pipeline);
            try (JavaProcess worker =
                    pipeline.startWorkerProcess(
                            "0", Map.of("SLUICE_HTTP_PORT", String.valueOf(port)))) {
                await().atMost(PATIENCE)
                        .ignoreExceptionsInstanceOf(IOException.class)
                        .untilAsserted(() ->
                                assertThat(get(port, "/health/ready"))
                                        .contains("is held up by the job at offset"));
                assertThat(get(port, "/metrics"))
                        .containsPattern("sluice_worker_window\\{[^}]*mini\"} 0\\.(79|8)")
                        .containsPattern(
                                "sluice_worker_oldest_job_seconds\\{[^}]*mini\"} [6-9]\\d\\.");
                await().atMost(PATIENCE)
                        .untilAsserted(() ->
                                assertThat(worker.log().lines())
                                        .filteredOn(line ->
                                                line.contains("a job holds up its partition"))
                                        .hasSize(1)
                                        .first()
                                        .asString()
                                        .contains(
                                                "requestId=\"stuck\"",
                                                "offset=",
                                                "reason=\"this worker does not know its analysis\""));

                assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE))
                        .first()
                        .satisfies(letter ->
                                assertThat(letter.text("reason")).isEqualTo("DEADLINE_EXCEEDED"));
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(get(port, "/health/ready")).contains("UP"));
            }
        }
    }

    /**
     * Advances the offsets with records of aborted transactions, which take offsets like all
     * others.
     */
    private static void passOffsets(Pipeline pipeline) {
        Map<String, Object> settings = new HashMap<>(pipeline.connection.producer());
        settings.put("transactional.id", "passes-offsets");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < OFFSETS * Pipeline.PARTITIONS; i++) {
                var _ =
                        producer.send(
                                new ProducerRecord<>(
                                        pipeline.connection.topics().jobs(Pipeline.MODEL),
                                        i % Pipeline.PARTITIONS,
                                        new byte[0],
                                        new byte[0]));
            }
            producer.flush();
            producer.abortTransaction();
        }
    }

    private Path analyses() throws IOException {
        Path analyses = folder.resolve("analyses");
        Path unknown = Files.createDirectories(analyses.resolve(UNKNOWN));
        Files.writeString(
                unknown.resolve("analysis.yaml"),
                Files.readString(SUPPORT_TICKET.resolve("analysis.yaml"))
                        .replace("name: support-ticket", "name: " + UNKNOWN));
        Files.copy(
                SUPPORT_TICKET.resolve("output.schema.json"),
                unknown.resolve("output.schema.json"));
        return analyses;
    }

    private String get(int port, String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }
}
