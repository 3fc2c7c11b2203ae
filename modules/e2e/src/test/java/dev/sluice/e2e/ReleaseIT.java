package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs end on a worker that gives up their partition or stops, without a wasted call. */
@Tag("measures-time")
class ReleaseIT {
    private static final Duration CALL = Duration.ofSeconds(3);
    private static final String PER_MINUTE =
            "SLUICE_MODELS__GPT_4_1_MINI__DEPLOYMENTS_0__REQUESTS_PER_MINUTE";

    /** Requests that are published after the rebalance. */
    private static final int LATER = 500;

    @TempDir private Path folder;

    /** Calls take less than the release timeout (5 s), so no running call is wasted. */
    @Test
    void rebalanceCancelsNoCallThatEndsWithinTheReleaseTimeout() throws Exception {
        int requests = 6_000;
        Map<String, String> busy =
                Map.of(PER_MINUTE, "10000", "SLUICE_WORKER_MAX_IN_FLIGHT", "2000");
        try (Pipeline pipeline =
                new Pipeline(SimulatorSettings.defaults().withLatency(CALL, CALL), folder)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            publish(pipeline, 0, requests);
            try (JavaProcess first = pipeline.startWorkerProcess("0", busy)) {
                assertThat(pipeline.committed.awaitOutcomes(200, PATIENCE))
                        .as(first.log())
                        .hasSizeGreaterThanOrEqualTo(200);
                try (JavaProcess second = pipeline.startWorkerProcess("1", busy)) {
                    await().atMost(PATIENCE)
                            .until(() -> second.log().contains("assigned partitions=\"[t"));
                    // On a slow machine the first worker may have finished all others by now.
                    publish(pipeline, requests, requests + LATER);
                    List<Read> outcomes =
                            pipeline.committed.awaitOutcomes(requests + LATER, PATIENCE);
                    assertThat(outcomes.stream().map(Read::key))
                            .as(second.log())
                            .doesNotHaveDuplicates()
                            .hasSize(requests + LATER);
                    assertThat(first.log()).contains("partitions released");
                    assertThat(second.log()).contains("outcome published");
                    second.stop();
                }
                first.stop();
            }
            BillComparison comparison =
                    BillComparison.compare(
                            pipeline.simulator.chargedCalls(), pipeline.committed.calls());
            System.out.printf(
                    "a rebalance at 10,000 calls a minute: %d of %d calls are UNCONFIRMED%n",
                    comparison.unconfirmed(), pipeline.committed.calls().size());
            assertThat(comparison.problems()).isEmpty();
            assertThat(comparison.unconfirmed()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void workerWhoseJobsOnlyWaitStopsAtOnce(boolean journal) throws Exception {
        try (Pipeline pipeline =
                new Pipeline(SimulatorSettings.defaults().withLatency(CALL, CALL), folder)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            publish(pipeline, 0, 300);
            Map<String, String> slow =
                    Map.of(
                            PER_MINUTE,
                            "6",
                            "SLUICE_WORKER_GRACE",
                            "20s",
                            "SLUICE_WORKER_JOURNAL",
                            String.valueOf(journal));
            try (JavaProcess worker = pipeline.startWorkerProcess("0", slow)) {
                await().atMost(PATIENCE).until(() -> pipeline.simulator.requests() == 1);
                assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE)).hasSize(1);

                long begun = System.nanoTime();
                worker.stop();
                Duration took = Duration.ofNanos(System.nanoTime() - begun);

                System.out.printf(
                        "worker whose jobs only wait stopped in %d ms, journal %s%n",
                        took.toMillis(), journal);
                assertThat(took).as(worker.log()).isLessThan(Duration.ofSeconds(2));
            }
            assertThat(pipeline.simulator.requests()).isEqualTo(1);
            assertThat(pipeline.committed.calls()).hasSize(1);
        }
    }

    @Test
    void workerWhoseJobsWaitForASilentRegistryStopsAtOnce() throws Exception {
        try (Network network = Network.faulty();
                Pipeline pipeline =
                        new Pipeline(
                                SimulatorSettings.defaults(),
                                folder,
                                AnalysisCatalog.load(Optional.empty()),
                                network)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            publish(pipeline, 0, 30);
            await().atMost(PATIENCE).until(() -> pipeline.committed.writtenJobs() >= 30);
            network.proxies().registry().silence(true);
            try (JavaProcess worker = pipeline.startWorkerProcess("0")) {
                await().atMost(PATIENCE).until(() -> worker.log().contains("partitions assigned"));
                await().atMost(PATIENCE)
                        .until(() -> worker.log().contains("dependency=\"schema registry\""));

                long begun = System.nanoTime();
                worker.stop();
                Duration took = Duration.ofNanos(System.nanoTime() - begun);

                System.out.printf(
                        "worker whose jobs wait for the registry stopped in %d ms%n",
                        took.toMillis());
                assertThat(took).as(worker.log()).isLessThan(Duration.ofSeconds(2));
            }
            assertThat(pipeline.simulator.requests()).isZero();
        }
    }

    private static void publish(Pipeline pipeline, int from, int to) {
        IntStream.range(from, to)
                .forEach(i -> pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i))));
    }
}
