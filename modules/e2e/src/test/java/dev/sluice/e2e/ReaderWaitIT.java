package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.Topics;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long readers of committed records wait after a worker or an admission was killed at the worst
 * moment: its records are written and its transaction is open.
 */
@Tag("measures-time")
class ReaderWaitIT {
    private static final int KILLS = Integer.getInteger("readers.kills", 1);
    private static final int OUTCOMES = 20;

    /**
     * The transaction's timeout, twice the broker's interval of looking for expired transactions,
     * and some reserve.
     */
    private static final Duration LIMIT = Duration.ofSeconds(32);

    private static final Duration LIMIT_OF_ADMISSION = LIMIT.plusSeconds(8);

    private static final Map<String, String> UNLIMITED =
            Map.of(
                    "SLUICE_BUDGETS_DAILY_USD", "1000",
                    "SLUICE_RATES_REQUESTS_PER_HOUR", "1000000");

    @TempDir private Path folder;

    private int published;

    @Test
    void crashedWorkerHoldsUpReadersForSecondsAndASuccessorInItsSlotFreesThem() throws Exception {
        try (Network network = Network.faulty();
                Pipeline pipeline = pipeline(network)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));

            List<String> results = List.of(pipeline.connection.topics().results("seo"));
            for (int kill = 0; kill < KILLS; kill++) {
                killWorker(network, pipeline);
                Duration deserted = awaitReaders(pipeline, results);
                System.out.println("readers waited for a dead worker: " + deserted);
                assertThat(deserted).isLessThan(LIMIT);
            }

            killWorker(network, pipeline);
            CompletableFuture<Duration> succeeded =
                    CompletableFuture.supplyAsync(
                            () -> awaitReaders(pipeline, results), Thread::startVirtualThread);
            pipeline.start(EnumSet.of(Role.WORKER));
            System.out.println("readers waited with a successor in its slot: " + succeeded.get());
            assertThat(pipeline.committed.awaitOutcomes(published, PATIENCE)).hasSize(published);
        }
    }

    /** Takes long: the brokers look for expired transactions every ten seconds. */
    @Test
    @EnabledIfSystemProperty(named = "readers.kills", matches = "\\d+")
    void crashedAdmissionHoldsUpReadersUntilItsTransactionTimesOut() throws Exception {
        try (Network network = Network.faulty();
                Pipeline pipeline = pipeline(network)) {
            Topics topics = pipeline.connection.topics();
            List<String> jobs =
                    List.of(topics.jobs(Pipeline.MODEL), topics.bulkJobs(Pipeline.MODEL));
            for (int kill = 0; kill < KILLS; ) {
                killInMidTransaction(
                        network,
                        pipeline,
                        pipeline.startProcess("killed", "admission", UNLIMITED),
                        () -> pipeline.committed.writtenJobs() >= published);
                // Not every transaction has jobs.
                if (isHeldUp(pipeline, jobs)) {
                    Duration deserted = awaitReaders(pipeline, jobs);
                    System.out.println("readers waited for a dead admission: " + deserted);
                    assertThat(deserted).isLessThan(LIMIT_OF_ADMISSION);
                    kill++;
                }
            }
        }
    }

    private Pipeline pipeline(Network network) throws Exception {
        return new Pipeline(
                SimulatorSettings.defaults(),
                folder,
                AnalysisCatalog.load(Optional.empty()),
                network);
    }

    /**
     * Kills a worker with the transactional id that {@link Pipeline#start} gives to its second
     * service.
     */
    private void killWorker(Network network, Pipeline pipeline) throws Exception {
        killInMidTransaction(
                network,
                pipeline,
                pipeline.startWorkerProcess("1"),
                () -> pipeline.committed.outcomes().size() >= published);
    }

    private void killInMidTransaction(
            Network network, Pipeline pipeline, JavaProcess doomed, Callable<Boolean> done)
            throws Exception {
        try (doomed) {
            publish(pipeline);
            await().atMost(PATIENCE).until(done);
            CountDownLatch dead = new CountDownLatch(1);
            network.proxies()
                    .broker()
                    .trap(
                            Network.request(ApiKeys.END_TXN),
                            false,
                            () -> {
                                doomed.close();
                                dead.countDown();
                            });
            publish(pipeline);
            assertThat(dead.await(30, TimeUnit.SECONDS)).as("killed in mid-transaction").isTrue();
        }
    }

    /** Publishes to the partition of the user's ledger, so that the first transaction has jobs. */
    private void publish(Pipeline pipeline) throws Exception {
        for (int i = 0; i < OUTCOMES; i++) {
            pipeline.publishAt(
                    Instant.now(), Pipeline.request("r" + published, Pipeline.page(published)));
            published++;
        }
    }

    /** Waits until all written records of these topics can be read as committed. */
    private static Duration awaitReaders(Pipeline pipeline, List<String> topics) {
        long start = System.nanoTime();
        try (Admin admin = Admin.create(pipeline.connection.client())) {
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> !isHeldUp(topics, admin));
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static boolean isHeldUp(Pipeline pipeline, List<String> topics) throws Exception {
        try (Admin admin = Admin.create(pipeline.connection.client())) {
            return isHeldUp(topics, admin);
        }
    }

    private static boolean isHeldUp(List<String> topics, Admin admin) throws Exception {
        return ends(topics, admin, IsolationLevel.READ_COMMITTED)
                < ends(topics, admin, IsolationLevel.READ_UNCOMMITTED);
    }

    private static long ends(List<String> topics, Admin admin, IsolationLevel level)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (String topic : topics) {
            for (int partition = 0; partition < Pipeline.PARTITIONS; partition++) {
                asked.put(new TopicPartition(topic, partition), OffsetSpec.latest());
            }
        }
        return admin.listOffsets(asked, new ListOffsetsOptions(level)).all().get().values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }
}
