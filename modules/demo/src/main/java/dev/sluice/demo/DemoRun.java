package dev.sluice.demo;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.PageFile;
import dev.sluice.app.client.OutcomeFollower;
import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes a batch of pages and waits until every page has its outcome. */
final class DemoRun {
    private static final String USER = "demo";

    private final DemoStack stack;
    private final String analysis;
    private final Duration timeout;
    private final DemoReport report;

    DemoRun(DemoStack stack, String analysis, Duration timeout, DemoReport report) {
        this.stack = stack;
        this.analysis = analysis;
        this.timeout = timeout;
        this.report = report;
    }

    DemoSummary analyse(List<Path> files) throws IOException, InterruptedException {
        long started = System.nanoTime();
        KafkaConnection connection = stack.sandbox().connection();
        List<String> analyses =
                stack.sandbox().knowledge().analyses().all().stream()
                        .map(AnalysisDefinition::name)
                        .toList();
        Map<String, String> missing = new LinkedHashMap<>();
        List<DemoOutcome> outcomes = new ArrayList<>();
        Map<String, Long> publishedAt = new HashMap<>();
        try (OutcomeFollower follower = OutcomeFollower.open(connection, analyses);
                SchemaRegistry registry = connection.openRegistry();
                KafkaProducer<String, AnalysisRequest> producer =
                        new KafkaProducer<>(
                                producerSettings(connection),
                                new StringSerializer(),
                                connection.serializer(registry))) {
            Map<String, Future<RecordMetadata>> sent = new LinkedHashMap<>();
            for (Path file : files) {
                String page = String.valueOf(file.getFileName());
                publishedAt.put(page, System.nanoTime());
                missing.put(page, "no outcome within " + timeout.toSeconds() + " s");
                // Unlike RequestPublisher it checks nothing, so that admission denies what is
                // invalid.
                sent.put(
                        page,
                        producer.send(
                                new ProducerRecord<>(
                                        connection.topics().requests(),
                                        USER,
                                        request(page, PageFile.read(file)))));
            }
            for (Map.Entry<String, Future<RecordMetadata>> one : sent.entrySet()) {
                try {
                    var _ = one.getValue().get();
                } catch (ExecutionException e) {
                    publishedAt.remove(one.getKey());
                    missing.put(one.getKey(), "was not published: " + e.getCause());
                }
            }
            long end = System.nanoTime() + timeout.toNanos();
            while (!publishedAt.isEmpty() && System.nanoTime() < end && stack.broken().isEmpty()) {
                for (OutcomeRecord read : follower.poll(Duration.ofMillis(100))) {
                    String page = read.requestId().orElse("");
                    Long since = publishedAt.remove(page);
                    if (since == null) {
                        continue;
                    }
                    DemoOutcome outcome =
                            new DemoOutcome(
                                    page,
                                    read.isResult(),
                                    read.value(),
                                    (System.nanoTime() - since) / 1_000_000);
                    outcomes.add(outcome);
                    missing.remove(page);
                    report.outcome(outcome, outcomes.size(), files.size());
                }
            }
            stack.broken().forEach((part, problem) -> missing.put(part, problem));
        }
        return new DemoSummary(
                files.size(), outcomes, missing, Duration.ofNanos(System.nanoTime() - started));
    }

    private AnalysisRequest request(String page, String content) {
        return AnalysisRequest.newBuilder()
                .setRequestId(page)
                .setUserId(USER)
                .setAnalysis(analysis)
                .setContent(content)
                .setSubmittedAt(InstantSource.system().instant())
                .build();
    }

    private static Map<String, Object> producerSettings(KafkaConnection connection) {
        Map<String, Object> settings = new HashMap<>(connection.client());
        settings.put("max.request.size", connection.maxRequestBytes());
        return settings;
    }
}
