package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.spend.BudgetClient;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.OwnLimits;
import dev.sluice.contract.Priority;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The latency of other users while one user's waiting requests are released. */
@Tag("measures-time")
class WaitingReleaseIT {
    /** Set {@code -Drelease.waiting=100000} for the long form. */
    private static final int WAITING = Integer.getInteger("release.waiting", 10_000);

    /** Above what one request of the long form reserves. */
    private static final BigDecimal CAP_USD = new BigDecimal("0.01");

    /** Requests that are published and queued in a second, at least. */
    private static final int QUEUED_PER_SECOND = 1_500;

    /** Requests of other users in each phase. */
    private static final int CALM = Math.min(2_000, WAITING / 10);

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration BETWEEN = Duration.ofMillis(5);

    /** Below this, a p99 depends on the shared machine more than on admission. */
    private static final Duration NOISE = Duration.ofMillis(500);

    @TempDir private Path folder;

    /** The change that releases the waiting requests. */
    private interface Release {
        void begin(BudgetClient client) throws InterruptedException;
    }

    @Test
    void raisedRateHoldsUpNoOtherUser() throws Exception {
        othersAreServedDuring(
                new UserLimits(
                        Budgets.ofEach(1_000_000),
                        Ceilings.NONE,
                        new Rates(10_000_000, Map.of("crawl", 1)),
                        2 * WAITING,
                        1_000_000),
                client ->
                        client.set(
                                "crawl",
                                OwnLimits.newBuilder().setRequestsPerHour(10_000_000).build()));
    }

    @Test
    void topUpHoldsUpNoOtherUser() throws Exception {
        Budgets budgets =
                new Budgets(
                        new Cost(new BigDecimal("1000000")),
                        Map.of("crawl", new Cost(new BigDecimal("0.01"))),
                        Pipeline.whereItIsNoon());
        othersAreServedDuring(
                new UserLimits(
                        budgets, Ceilings.NONE, Rates.ofEach(10_000_000), 2 * WAITING, 1_000_000),
                client ->
                        client.add(
                                "crawl",
                                LocalDate.ofInstant(
                                        InstantSource.system().instant(), budgets.zone()),
                                new BigDecimal("900000")));
    }

    /** Only in the long form, because it waits for its midnight. */
    @Test
    @EnabledIfSystemProperty(named = "release.waiting", matches = "\\d+")
    void dayTurnHoldsUpNoOtherUser() throws Exception {
        Instant midnight =
                Instant.now()
                        .plusSeconds(60 + 3 * WAITING / QUEUED_PER_SECOND)
                        .truncatedTo(ChronoUnit.SECONDS);
        Budgets budgets =
                new Budgets(
                        new Cost(new BigDecimal("1000000")),
                        Map.of("crawl", new Cost(CAP_USD.multiply(BigDecimal.valueOf(WAITING)))),
                        DayTurnIT.zoneOf(midnight));
        othersAreServedDuring(
                new UserLimits(
                        budgets, Ceilings.NONE, Rates.ofEach(10_000_000), 4 * WAITING, 1_000_000),
                3 * WAITING,
                admitted -> admitted * 19 / 10,
                _ -> {
                    Duration left = Duration.between(Instant.now(), midnight);
                    assertThat(left).as("all requests wait before midnight").isPositive();
                    Thread.sleep(left);
                });
    }

    private void othersAreServedDuring(UserLimits limits, Release release) throws Exception {
        othersAreServedDuring(limits, WAITING, _ -> WAITING, release);
    }

    /**
     * Measures other users while waiting requests are released.
     *
     * @param requests of the one user
     * @param expected how many of these are admitted in the end, from how many were at first
     */
    private void othersAreServedDuring(
            UserLimits limits, int requests, IntUnaryOperator expected, Release release)
            throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                Jobs jobs = new Jobs(pipeline)) {
            pipeline.limits = limits;
            pipeline.start(EnumSet.of(Role.ADMISSION));
            Thread reader = Thread.ofPlatform().start(jobs);
            others(pipeline, jobs, "warm", CALM);
            for (int i = 0; i < requests; i++) {
                jobs.publish(waiting(i));
            }
            // This record is read after all of them.
            others(pipeline, jobs, "after", CALM);
            await().atMost(PATIENCE).until(() -> jobs.allOthersAreThere());
            Duration calm = others(pipeline, jobs, "calm", CALM);
            int before = jobs.released.get();

            try (BudgetClient client =
                    new BudgetClient(pipeline.connection, InstantSource.system())) {
                release.begin(client);
            }
            long start = System.nanoTime();
            Thread watch =
                    Thread.ofPlatform()
                            .start(() ->
                                    await().atMost(PATIENCE)
                                            .pollInterval(Duration.ofMillis(10))
                                            .until(() ->
                                                    jobs.released.get()
                                                            >= expected.applyAsInt(before)));
            List<Duration> during = new ArrayList<>();
            for (int round = 0; watch.isAlive() || during.size() < CALM; round++) {
                during.addAll(jobs.send(pipeline, "during" + round + "-", 200));
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            Duration p99 = p99(during);
            System.out.printf(
                    "%d released (%d before) in %d ms; p99 of others %d ms calm, %d ms meanwhile,"
                            + " p50 %d ms%n",
                    jobs.released.get(),
                    before,
                    took.toMillis(),
                    calm.toMillis(),
                    p99.toMillis(),
                    part(during, 0.5).toMillis());
            reader.interrupt();
            reader.join();
            assertThat(before).as("most requests waited").isLessThan(requests / 2);
            assertThat(p99)
                    .isLessThan(
                            calm.multipliedBy(3).dividedBy(2).compareTo(NOISE) > 0
                                    ? calm.multipliedBy(3).dividedBy(2)
                                    : NOISE);
        }
    }

    private static Duration others(Pipeline pipeline, Jobs jobs, String name, int count)
            throws InterruptedException {
        return p99(jobs.send(pipeline, name, count));
    }

    private static Duration p99(List<Duration> latencies) {
        return part(latencies, 0.99);
    }

    private static Duration part(List<Duration> latencies, double part) {
        Duration[] sorted = latencies.toArray(Duration[]::new);
        Arrays.sort(sorted);
        return sorted[(int) (sorted.length * part)];
    }

    private static AnalysisRequest waiting(int number) {
        AnalysisRequest request = Pipeline.request("w" + number, Pipeline.page(number));
        request.setUserId("crawl");
        request.setPriority(Priority.BULK);
        request.setWhenOverBudget(WhenOverBudget.WAIT);
        return request;
    }

    /** Reads jobs like a worker, with the time of arrival. */
    private static final class Jobs implements Runnable, AutoCloseable {
        private final Pipeline pipeline;
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final Map<String, Long> sent = new ConcurrentHashMap<>();
        private final Map<String, Duration> latencies = new ConcurrentHashMap<>();
        private final AtomicInteger released = new AtomicInteger();

        Jobs(Pipeline pipeline) {
            this.pipeline = pipeline;
            this.consumer = pipeline.connection.openConsumer();
        }

        void publish(AnalysisRequest request) {
            pipeline.publish(request);
        }

        /**
         * Sends requests of other users one after the other; returns the time until each became a
         * job.
         */
        List<Duration> send(Pipeline to, String name, int count) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String id = name + i;
                AnalysisRequest request = Pipeline.request(id, Pipeline.page(i));
                request.setUserId("user" + i % 50);
                ids.add(id);
                sent.put(id, System.nanoTime());
                to.publish(request);
                LockSupport.parkNanos(BETWEEN.toNanos());
            }
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> latencies.keySet().containsAll(ids));
            return ids.stream().map(latencies::get).toList();
        }

        boolean allOthersAreThere() {
            return latencies.size() == sent.size();
        }

        @Override
        public void run() {
            List<TopicPartition> partitions =
                    Stream.of(
                                    pipeline.connection.topics().jobs(Pipeline.MODEL),
                                    pipeline.connection.topics().bulkJobs(Pipeline.MODEL))
                            .flatMap(topic ->
                                    Stream.iterate(0, i -> i + 1)
                                            .limit(Pipeline.PARTITIONS)
                                            .map(partition -> new TopicPartition(topic, partition)))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    for (ConsumerRecord<byte[], byte[]> job :
                            consumer.poll(Duration.ofMillis(100))) {
                        seen(new String(job.key(), StandardCharsets.UTF_8));
                    }
                } catch (org.apache.kafka.common.errors.InterruptException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private void seen(String id) {
            Long at = sent.get(id);
            if (at == null) {
                released.incrementAndGet();
            } else {
                latencies.put(id, Duration.ofNanos(System.nanoTime() - at));
            }
        }

        @Override
        public void close() {
            consumer.close();
        }
    }
}
