package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker's calls and log lines before and after its first job. */
@Tag("measures-time")
class FirstCallIT {
    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final int JOBS = 8;

    @TempDir private Path folder;

    @Test
    void providerGetsNoRequestBeforeTheFirstJobAndEachCallAndOutcomeIsOneLogLine()
            throws Exception {
        try (Pipeline pipeline =
                        new Pipeline(
                                SimulatorSettings.defaults().withLatency(LATENCY, LATENCY),
                                folder);
                JavaProcess worker = pipeline.startWorkerProcess("first")) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            long start = System.nanoTime();
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> worker.log().contains("service started"));
            long ready = Duration.ofNanos(System.nanoTime() - start).toMillis();
            assertThat(pipeline.simulator.requests()).as("requests before the first job").isZero();

            List<Long> durations = new ArrayList<>();
            List<Long> waits = new ArrayList<>();
            for (int i = 0; i < JOBS; i++) {
                long published = System.nanoTime();
                pipeline.publish(Pipeline.request("job-" + i, Pipeline.page(i)));
                var _ = pipeline.committed.awaitOutcomes(i + 1, PATIENCE);
                waits.add(Duration.ofNanos(System.nanoTime() - published).toMillis());
            }
            for (Read call : pipeline.committed.calls()) {
                durations.add((Long) call.value().get("durationMillis"));
            }

            System.out.printf(
                    "ready %d ms after admission, calls took %s ms, requests %s ms%n",
                    ready, durations, waits);
            for (int i = 0; i < JOBS; i++) {
                String id = "requestId=\"job-" + i + "\"";
                List<String> lines =
                        worker.log().lines().filter(line -> line.contains(id)).toList();
                assertThat(lines).as(worker.log()).hasSize(2);
                assertThat(lines.getFirst()).contains("model called", "inputTokens=");
                assertThat(lines.getLast())
                        .contains("outcome published", "userId=\"ann\"", "calls=\"1\"", "costUsd=");
            }
        }
    }
}
