package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.ServicePlan.Role;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long those who read what is committed wait after a worker was killed at the worst moment: its
 * outcomes are written and its transaction is open.
 */
class ReaderWaitIT {
    private static final int KILLS = Integer.getInteger("readers.kills", 1);
    private static final int OUTCOMES = 20;

    /**
     * The transaction's timeout, twice the broker's interval of looking for such, and some time.
     */
    private static final Duration LIMIT = Duration.ofSeconds(32);

    @TempDir private Path folder;

    private int published;

    @Test
    void deadWorkerHoldsUpReadersForSecondsAndASuccessorInItsSlotFreesThem() throws Exception {
        try (Network network = Network.faulty();
                Pipeline pipeline =
                        new Pipeline(
                                SimulatorSettings.defaults(),
                                folder,
                                AnalysisCatalog.load(Optional.empty()),
                                network)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));

            for (int kill = 0; kill < KILLS; kill++) {
                killInMidTransaction(network, pipeline);
                Duration deserted = awaitReaders(pipeline);
                System.out.println("readers waited for a dead worker: " + deserted);
                assertThat(deserted).isLessThan(LIMIT);
            }

            killInMidTransaction(network, pipeline);
            CompletableFuture<Duration> succeeded =
                    CompletableFuture.supplyAsync(() -> awaitReaders(pipeline));
            pipeline.start(EnumSet.of(Role.WORKER));
            System.out.println("readers waited with a successor in its slot: " + succeeded.get());
            assertThat(pipeline.committed.awaitOutcomes(published, Duration.ofSeconds(60)))
                    .hasSize(published);
        }
    }

    /** A worker in the slot that {@link Pipeline#start} gives to its second service. */
    private void killInMidTransaction(Network network, Pipeline pipeline) throws Exception {
        JavaProcess doomed = pipeline.startWorkerProcess("1");
        try {
            publish(pipeline);
            pipeline.committed.awaitOutcomes(published, Duration.ofSeconds(60));
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
        } finally {
            doomed.close();
        }
    }

    private void publish(Pipeline pipeline) {
        for (int i = 0; i < OUTCOMES; i++) {
            pipeline.publish(Pipeline.request("r" + published, Pipeline.page(published)));
            published++;
        }
    }

    /** Until all that is written on the results topic can be read as committed. */
    private static Duration awaitReaders(Pipeline pipeline) {
        long start = System.nanoTime();
        try (Admin admin = Admin.create(pipeline.connection.client())) {
            while (ends(pipeline, admin, IsolationLevel.READ_COMMITTED)
                    < ends(pipeline, admin, IsolationLevel.READ_UNCOMMITTED)) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("the brokers do not say what is committed", e);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static long ends(Pipeline pipeline, Admin admin, IsolationLevel level)
            throws ExecutionException, InterruptedException {
        String results = pipeline.connection.topics().results("seo");
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < Pipeline.PARTITIONS; partition++) {
            asked.put(new TopicPartition(results, partition), OffsetSpec.latest());
        }
        return admin.listOffsets(asked, new ListOffsetsOptions(level)).all().get().values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }
}
