package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.contract.AnalysisRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Publishes requests of {@link Triage} at a steady rate and measures how long each takes. */
final class SteadyLoad implements AutoCloseable {
    static final int PER_SECOND = 20;

    private final Pipeline pipeline;
    private final Thread reader;

    /** When each request was published, in nanoseconds. */
    private final Map<String, Long> published = new ConcurrentHashMap<>();

    /** Time until its outcome, in milliseconds. */
    private final Map<String, Long> took = new ConcurrentHashMap<>();

    private volatile boolean reading = true;

    SteadyLoad(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.reader = Thread.ofPlatform().start(this::read);
    }

    /** Publishes for this long, and waits until each request is answered. */
    void send(String phase, Duration length) throws InterruptedException {
        send(phase, length, _ -> {});
    }

    /** An action beside each request. */
    interface Beside {
        void request(int number);
    }

    /** The same with an action beside each request. */
    void send(String phase, Duration length, Beside beside) throws InterruptedException {
        long start = System.nanoTime();
        int count = (int) length.toSeconds() * PER_SECOND;
        for (int i = 0; i < count; i++) {
            TimeUnit.NANOSECONDS.sleep(
                    start + i * TimeUnit.SECONDS.toNanos(1) / PER_SECOND - System.nanoTime());
            AnalysisRequest request = Pipeline.request(phase + i, "I cannot log in.");
            request.setAnalysis(Triage.NAME);
            published.put(phase + i, System.nanoTime());
            pipeline.publish(request);
            beside.request(i);
        }
        await().atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(times(phase)).as(phase).hasSize(count));
    }

    /** Requests published so far. */
    int published() {
        return published.size();
    }

    /** The latency in milliseconds that this percentage of a phase's requests does not exceed. */
    long percentile(String phase, int percent) {
        List<Long> sorted = times(phase).stream().sorted().toList();
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }

    @Override
    public void close() {
        reading = false;
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Collection<Long> times(String phase) {
        return took.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(phase))
                .map(Map.Entry::getValue)
                .toList();
    }

    private void read() {
        try (KafkaConsumer<byte[], byte[]> consumer = pipeline.connection.openConsumer()) {
            List<TopicPartition> partitions =
                    consumer
                            .partitionsFor(pipeline.connection.topics().results(Triage.NAME))
                            .stream()
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (reading) {
                consumer.poll(Duration.ofMillis(20))
                        .forEach(record ->
                                arrived(new String(record.key(), StandardCharsets.UTF_8)));
            }
        }
    }

    private void arrived(String requestId) {
        long now = System.nanoTime();
        Optional.ofNullable(published.get(requestId))
                .ifPresent(then -> took.put(requestId, TimeUnit.NANOSECONDS.toMillis(now - then)));
    }
}
