package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.devkit.TcpProxy;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One model's provider does not answer while another model's jobs go on. {@code make outages} runs
 * the long form and prints how much longer those jobs take.
 */
@Tag("measures-time")
class IsolationIT {
    private static final Duration PHASE =
            Duration.ofSeconds(Integer.getInteger("isolation.seconds", 5));

    /** One of this many requests is for the model that does not answer. */
    private static final int OTHER = 4;

    /** Every answer takes the same time, so that all variation comes from Sluice. */
    private static final SimulatorSettings PROVIDER =
            SimulatorSettings.defaults()
                    .withLatency(Duration.ofMillis(500), Duration.ofMillis(500));

    @TempDir private Path folder;

    private int others;

    /** Number of workers started so far; all but the last one crash on a document. */
    private volatile int lives;

    private static final int LIVES = 4;
    private static final String KILLS = "the document that kills";
    private static final String HANGS = "a page whose answer does not come, number ";

    @Test
    void modelWithoutAnswersHoldsUpNoOtherModel() throws Exception {
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
            SteadyLoad.Beside other = number -> other(pipeline, number);
            try (SteadyLoad load = new SteadyLoad(pipeline)) {
                load.send("warm-", shorter(PHASE, Duration.ofSeconds(20)), other);
                load.send("before-", shorter(PHASE, Duration.ofMinutes(2)), other);
                TcpProxy provider = network.proxies().provider();
                provider.silence(true);
                int answered = others(pipeline);
                load.send("during-", PHASE, other);
                assertThat(others(pipeline)).as("jobs that were running").isLessThan(answered + 20);
                provider.cut();
                provider.silence(false);

                List<Read> outcomes =
                        pipeline.committed.awaitOutcomes(
                                load.published() + others, Duration.ofSeconds(240));
                assertThat(outcomes).hasSize(load.published() + others).allMatch(Read::isResult);
                report(load);
            } finally {
                worker.close();
            }
        }
    }

    /**
     * Model A has, at the same time, a document that crashed its workers, calls that hang, and a
     * nearly exhausted quota.
     */
    @Test
    void suspectAndHungCallAndExhaustedQuotaOfOneModelHoldUpNoOtherModel() throws Exception {
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
            try (SteadyLoad load = new SteadyLoad(pipeline)) {
                while (lives < LIVES) {
                    lives++;
                    worker.set(pipeline.startWorkerProcess("0", settings));
                    if (lives < LIVES) {
                        await().atMost(PATIENCE).until(() -> !worker.get().isAlive());
                    }
                }
                for (int i = 0; i < 5; i++) {
                    pipeline.publish(Pipeline.request("hangs-" + i, HANGS + i));
                    others++;
                }
                await().atMost(PATIENCE).until(() -> hanging.get() > 0);

                load.send("warm-", Duration.ofSeconds(5));
                load.send("during-", PHASE);

                assertThat(others(pipeline)).as("model A is held up").isZero();
                System.out.printf(
                        "model B beside a suspect, hung calls and a drained quota: p50 %d, p99 %d"
                                + " ms%n",
                        load.percentile("during-", 50), load.percentile("during-", 99));
                assertThat(load.percentile("during-", 99)).isLessThan(3_000);
                released.countDown();
                assertThat(
                                pipeline.committed.awaitOutcomes(
                                        load.published() + others, Duration.ofSeconds(240)))
                        .hasSize(load.published() + others)
                        .allMatch(Read::isResult);
            } finally {
                released.countDown();
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

    /** Publishes one more request for the model that does not answer, for each of this many. */
    private void other(Pipeline pipeline, int number) {
        if (number % OTHER == 0) {
            pipeline.publish(Pipeline.request("other-" + others, Pipeline.page(others)));
            others++;
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static int others(Pipeline pipeline) {
        return pipeline.committed.read(pipeline.connection.topics().results("seo")).size();
    }

    private static void report(SteadyLoad load) {
        System.out.printf(
                "model B beside a model A that gives no answer for %s: p50 %d -> %d ms,"
                        + " p99 %d -> %d ms%n",
                PHASE,
                load.percentile("before-", 50),
                load.percentile("during-", 50),
                load.percentile("before-", 99),
                load.percentile("during-", 99));
    }
}
