package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.ServicePlan.Role;
import dev.sluice.e2e.Pipeline.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A document that kills every worker that asks a model about it. */
class CrashedWorkerIT {
    private static final int INNOCENTS = 100;
    private static final String POISON = "the document that kills";
    private static final Duration LIMIT = Duration.ofSeconds(150);

    @TempDir private Path folder;

    @Test
    void documentThatKillsItsWorkerEndsAloneAndTakesNoInnocentWithIt() throws Exception {
        SimulatorSettings slow =
                SimulatorSettings.defaults()
                        .withLatency(Duration.ofMillis(300), Duration.ofMillis(1_500));
        AtomicReference<WorkerProcess> worker = new AtomicReference<>();
        int lives = 0;
        try (Pipeline pipeline = new Pipeline(slow, folder)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            pipeline.simulator.listen(said -> {
                if (said.contains(POISON)) {
                    worker.get().close();
                }
            });
            for (int i = 0; i < INNOCENTS; i++) {
                pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
            }
            pipeline.publish(
                    Pipeline.request(
                            "poison", "<html><head><title>" + POISON + "</title></head></html>"));

            long end = System.nanoTime() + LIMIT.toNanos();
            List<Read> outcomes = List.of();
            while (outcomes.size() <= INNOCENTS && System.nanoTime() < end) {
                if (worker.get() == null || !worker.get().isAlive()) {
                    worker.set(pipeline.startWorkerProcess("0"));
                    lives++;
                }
                TimeUnit.MILLISECONDS.sleep(100);
                outcomes = pipeline.outcomes();
            }

            assertThat(outcomes.stream().map(Read::key))
                    .as(worker.get().log())
                    .doesNotHaveDuplicates()
                    .hasSize(INNOCENTS + 1);
            List<Read> deadLetters = outcomes.stream().filter(read -> !read.isResult()).toList();
            assertThat(deadLetters).extracting(Read::key).containsExactly("poison");
            assertThat(deadLetters.getFirst().text("reason")).isEqualTo("CRASHED_WORKER");
            assertThat(lives)
                    .as("two in company, one among few, one alone, one to tell")
                    .isEqualTo(5);
            assertThat(
                            Books.compare(pipeline.simulator.chargedCalls(), pipeline.calls())
                                    .problems())
                    .isEmpty();
        } finally {
            if (worker.get() != null) {
                worker.get().close();
            }
        }
    }
}
