package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devkit.JavaProcess;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a StatefulSet does when its configuration changes: pods are stopped with SIGTERM and started
 * with the new configuration, one at a time, while requests keep coming.
 */
class RollingUpdateIT {
    private static final int PER_SECOND = 20;
    private static final int PODS = 2;

    /** Another configuration of both roles. */
    private static final Map<String, String> NEXT =
            Map.of(
                    "SLUICE_WORKER_MAX_IN_FLIGHT", "150",
                    "SLUICE_WORKER_COMMIT_INTERVAL", "40ms",
                    "SLUICE_ADMISSION_COMMIT_INTERVAL", "20ms",
                    "SLUICE_RATES_REQUESTS_PER_HOUR", "1000000");

    private static final Map<String, String> FIRST =
            Map.of("SLUICE_RATES_REQUESTS_PER_HOUR", "900000");

    @TempDir private Path folder;

    private final AtomicInteger published = new AtomicInteger();
    private volatile boolean publishing = true;

    @Test
    void losesRepeatsAndPaysNothingTwice() throws Exception {
        SimulatorSettings slow =
                SimulatorSettings.defaults()
                        .withLatency(Duration.ofMillis(200), Duration.ofSeconds(2));
        try (Pipeline pipeline = new Pipeline(slow, folder)) {
            List<JavaProcess> workers = start(pipeline, "worker");
            List<JavaProcess> admissions = start(pipeline, "admission");
            Thread load = Thread.ofPlatform().start(() -> publish(pipeline));
            try {
                assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE)).isNotEmpty();

                replace(pipeline, "worker", workers);
                replace(pipeline, "admission", admissions);

                // All of the new configuration, and all of the work.
                assertThat(pipeline.committed.awaitOutcomes(published.get() + PER_SECOND, PATIENCE))
                        .isNotEmpty();
            } finally {
                publishing = false;
                load.join();
            }
            List<Read> outcomes = pipeline.committed.awaitOutcomes(published.get(), PATIENCE);
            workers.forEach(RollingUpdateIT::stop);
            admissions.forEach(RollingUpdateIT::stop);

            assertThat(outcomes).hasSize(published.get()).allMatch(Read::isResult);
            assertThat(outcomes).extracting(Read::key).doesNotHaveDuplicates();
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(published.get());
            assertThat(PipelineIT.spend(pipeline.committed.calls()))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
        }
    }

    private static List<JavaProcess> start(Pipeline pipeline, String role) throws Exception {
        List<JavaProcess> pods = new ArrayList<>();
        for (int pod = 0; pod < PODS; pod++) {
            pods.add(pipeline.startProcess(role + "-" + pod, role, FIRST));
        }
        return pods;
    }

    /** The highest number first, and the next when all requests so far have their outcome. */
    private void replace(Pipeline pipeline, String role, List<JavaProcess> pods) throws Exception {
        for (int pod = PODS - 1; pod >= 0; pod--) {
            stop(pods.get(pod));
            JavaProcess next = pipeline.startProcess(role + "-" + pod, role, NEXT);
            pods.set(pod, next);
            int before = published.get();
            assertThat(pipeline.committed.awaitOutcomes(before, PATIENCE))
                    .as(next.log())
                    .hasSizeGreaterThanOrEqualTo(before);
        }
    }

    private static void stop(JavaProcess pod) {
        try {
            assertThat(pod.stop()).as(pod.log()).isEqualTo(143);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void publish(Pipeline pipeline) {
        try {
            while (publishing) {
                int number = published.getAndIncrement();
                pipeline.publish(Pipeline.request("r-" + number, Pipeline.page(number)));
                TimeUnit.MILLISECONDS.sleep(1000 / PER_SECOND);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
