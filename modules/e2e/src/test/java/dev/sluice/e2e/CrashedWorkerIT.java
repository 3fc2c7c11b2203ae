package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Documents that crash every worker that processes them. */
@Execution(ExecutionMode.CONCURRENT)
class CrashedWorkerIT {
    private static final String POISON = "the document that kills";
    private static final Duration LIMIT = Duration.ofSeconds(600);
    private static final SimulatorSettings SLOW =
            SimulatorSettings.defaults()
                    .withLatency(Duration.ofMillis(300), Duration.ofMillis(1_500));

    @TempDir private Path folder;

    private final AtomicReference<JavaProcess> worker = new AtomicReference<>();

    @AfterEach
    void stopWorker() {
        Optional.ofNullable(worker.get()).ifPresent(JavaProcess::close);
    }

    @Test
    void documentThatCrashesItsWorkerDuringItsCallIsDeadLetteredAndNoOtherIs() throws Exception {
        try (Pipeline pipeline = new Pipeline(SLOW, folder)) {
            pipeline.simulator.listen(said -> {
                if (said.contains(POISON)) {
                    worker.get().close();
                }
            });

            int lives =
                    livesUntilAllHaveEnded(
                            pipeline,
                            100,
                            "<html><head><title>" + POISON + "</title></head></html>");

            assertThat(lives)
                    .as(
                            "crashes: two beside all jobs, one beside few, one alone; then one"
                                    + " worker that ends the job")
                    .isEqualTo(5);
        }
    }

    @Test
    void documentThatCrashesItsWorkerBeforeAnyCallIsDeadLetteredAndNoOtherIs() throws Exception {
        try (Pipeline pipeline = new Pipeline(SLOW, folder)) {
            // Within the limits of the analysis, but with more elements than the heap can hold.
            int lives =
                    livesUntilAllHaveEnded(
                            pipeline,
                            30,
                            "<p>".repeat(1_390_000),
                            "-Xmx128m",
                            "-XX:+ExitOnOutOfMemoryError");

            // A worker whose garbage collection takes longer than its session has two assignments
            // before it crashes, and each of them records a start.
            assertThat(lives)
                    .as(
                            "crashes: one not recorded, two beside all jobs, one beside few, one"
                                    + " alone; then one worker that ends the job. The log of all: "
                                    + worker.get().log())
                    .isBetween(5, 6);
        }
    }

    private int livesUntilAllHaveEnded(
            Pipeline pipeline, int innocents, String poison, String... jvmFlags) throws Exception {
        pipeline.start(EnumSet.of(Role.ADMISSION));
        for (int i = 0; i < innocents; i++) {
            pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
        }
        pipeline.publish(Pipeline.request("poison", poison));

        int lives = 0;
        long end = System.nanoTime() + LIMIT.toNanos();
        List<Read> outcomes = List.of();
        while (outcomes.size() <= innocents && System.nanoTime() < end) {
            if (worker.get() == null || !worker.get().isAlive()) {
                worker.set(pipeline.startWorkerProcess("0", Map.of(), jvmFlags));
                lives++;
            }
            TimeUnit.MILLISECONDS.sleep(100);
            outcomes = pipeline.committed.outcomes();
        }

        assertThat(outcomes.stream().map(Read::key))
                .as(worker.get().log())
                .doesNotHaveDuplicates()
                .hasSize(innocents + 1);
        List<Read> deadLetters = outcomes.stream().filter(read -> !read.isResult()).toList();
        assertThat(deadLetters).extracting(Read::key).containsExactly("poison");
        assertThat(deadLetters.getFirst().text("reason")).isEqualTo("CRASHED_WORKER");
        assertThat(
                        BillComparison.compare(
                                        pipeline.simulator.chargedCalls(),
                                        pipeline.committed.calls())
                                .problems())
                .isEmpty();
        return lives;
    }
}
