package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.devkit.TcpProxy;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One model's provider gives no answer while another model's jobs go on. {@code make outages} makes
 * it long and says how much longer those take.
 */
class IsolationIT {
    private static final Duration PHASE =
            Duration.ofSeconds(Integer.getInteger("isolation.seconds", 5));
    private static final int PER_SECOND = 20;

    /** Of so many requests one more asks for the model that stops answering. */
    private static final int OTHER = 4;

    /** Every answer takes as long, so that whatever varies is ours. */
    private static final SimulatorSettings PROVIDER =
            SimulatorSettings.defaults()
                    .withLatency(Duration.ofMillis(500), Duration.ofMillis(500));

    @TempDir private Path folder;

    /** When each request was published, and how long its outcome took, in milliseconds. */
    private final Map<String, Long> published = new ConcurrentHashMap<>();

    private final Map<String, Long> took = new ConcurrentHashMap<>();
    private volatile boolean reading = true;
    private int others;

    /** Workers started so far; all but the last die of a document. */
    private volatile int lives;

    private static final int LIVES = 4;
    private static final String KILLS = "the document that kills";
    private static final String HANGS = "a page whose answer does not come, number ";

    @Test
    void modelThatGivesNoAnswerHoldsUpNoOther() throws Exception {
        Path analyses = Triage.folderIn(folder);
        try (Network network = Network.faulty();
                Pipeline pipeline =
                        new Pipeline(
                                PROVIDER,
                                folder,
                                AnalysisCatalog.load(Optional.of(analyses)),
                                network)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            JavaProcess worker =
                    pipeline.startWorkerProcess(
                            "0", Map.of("SLUICE_ANALYSES_DIR", analyses.toString()));
            Thread reader = Thread.ofPlatform().start(() -> read(pipeline));
            try {
                load(pipeline, "warm-", shorter(PHASE, Duration.ofSeconds(20)), true);
                load(pipeline, "before-", shorter(PHASE, Duration.ofMinutes(2)), true);
                TcpProxy provider = network.proxies().provider();
                provider.silence(true);
                int answered = others(pipeline);
                load(pipeline, "during-", PHASE, true);
                assertThat(others(pipeline)).as("what was under way").isLessThan(answered + 20);
                provider.cut();
                provider.silence(false);

                List<Read> outcomes =
                        pipeline.committed.awaitOutcomes(
                                published.size() + others, Duration.ofSeconds(240));
                assertThat(outcomes).hasSize(published.size() + others).allMatch(Read::isResult);
                report();
            } finally {
                reading = false;
                reader.join();
                worker.close();
            }
        }
    }

    /**
     * Model A has a document that its workers died of, calls that hang, and hardly any quota: all
     * that waits at once.
     */
    @Test
    void suspectAHungCallAndADrainedQuotaOfOneModelHoldUpNoOther() throws Exception {
        Path analyses = Triage.folderIn(folder);
        Map<String, String> settings =
                Map.of(
                        "SLUICE_ANALYSES_DIR",
                        analyses.toString(),
                        "SLUICE_MODELS__GPT_4_1_MINI__DEPLOYMENTS_0__REQUESTS_PER_MINUTE",
                        "60");
        CountDownLatch released = new CountDownLatch(1);
        AtomicReference<JavaProcess> worker = new AtomicReference<>();
        AtomicInteger hanging = new AtomicInteger();
        try (Pipeline pipeline =
                new Pipeline(PROVIDER, folder, AnalysisCatalog.load(Optional.of(analyses)))) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            pipeline.simulator.listen(said -> {
                if (said.contains(KILLS) && lives < LIVES) {
                    worker.get().close();
                } else if (said.contains(KILLS) || said.contains(HANGS)) {
                    hanging.incrementAndGet();
                    awaitUninterrupted(released);
                }
            });
            pipeline.publish(Pipeline.request("suspect", KILLS));
            others++;
            Thread reader = Thread.ofPlatform().start(() -> read(pipeline));
            try {
                while (lives < LIVES) {
                    lives++;
                    worker.set(pipeline.startWorkerProcess("0", settings));
                    if (lives < LIVES) {
                        await().atMost(Duration.ofSeconds(60)).until(() -> !worker.get().isAlive());
                    }
                }
                for (int i = 0; i < 5; i++) {
                    pipeline.publish(Pipeline.request("hangs-" + i, HANGS + i));
                    others++;
                }
                await().atMost(Duration.ofSeconds(60)).until(() -> hanging.get() > 0);

                load(pipeline, "warm-", Duration.ofSeconds(5), false);
                load(pipeline, "during-", PHASE, false);

                assertThat(others(pipeline)).as("model A is held up").isZero();
                System.out.printf(
                        "model B beside a suspect, hung calls and a drained quota: p50 %d, p99 %d"
                                + " ms%n",
                        percentile("during-", 50), percentile("during-", 99));
                assertThat(percentile("during-", 99)).isLessThan(3_000);
                released.countDown();
                assertThat(
                                pipeline.committed.awaitOutcomes(
                                        published.size() + others, Duration.ofSeconds(240)))
                        .hasSize(published.size() + others)
                        .allMatch(Read::isResult);
            } finally {
                released.countDown();
                reading = false;
                reader.join();
                worker.get().close();
            }
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Requests at a steady rate, until each has its outcome.
     *
     * @param other whether some ask for the other model as well
     */
    private void load(Pipeline pipeline, String prefix, Duration phase, boolean other)
            throws InterruptedException {
        long start = System.nanoTime();
        int count = (int) phase.toSeconds() * PER_SECOND;
        for (int i = 0; i < count; i++) {
            TimeUnit.NANOSECONDS.sleep(
                    start + i * TimeUnit.SECONDS.toNanos(1) / PER_SECOND - System.nanoTime());
            AnalysisRequest request = Pipeline.request(prefix + i, "I cannot log in.");
            request.setAnalysis(Triage.NAME);
            published.put(prefix + i, System.nanoTime());
            pipeline.publish(request);
            if (other && i % OTHER == 0) {
                pipeline.publish(Pipeline.request("other-" + others, Pipeline.page(others)));
                others++;
            }
        }
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(times(prefix)).as(prefix).hasSize(count));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static int others(Pipeline pipeline) {
        return pipeline.committed.read(pipeline.connection.topics().results("seo")).size();
    }

    private Collection<Long> times(String prefix) {
        return took.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .map(Map.Entry::getValue)
                .toList();
    }

    private void read(Pipeline pipeline) {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        pipeline.connection.consumer(),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
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

    private void report() {
        System.out.printf(
                "model B beside a model A that gives no answer for %s: p50 %d -> %d ms,"
                        + " p99 %d -> %d ms%n",
                PHASE,
                percentile("before-", 50),
                percentile("during-", 50),
                percentile("before-", 99),
                percentile("during-", 99));
    }

    private long percentile(String prefix, int percent) {
        List<Long> sorted = times(prefix).stream().sorted().toList();
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }
}
