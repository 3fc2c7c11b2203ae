package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.devkit.TcpProxy;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Outages and slowness of the registry and the broker. {@code make outages} makes them long. */
@Execution(ExecutionMode.CONCURRENT)
class OutageIT {
    private static final Duration REGISTRY_OUTAGE =
            Duration.ofSeconds(Integer.getInteger("outage.registry", 10));
    private static final Duration BROKER_OUTAGE =
            Duration.ofSeconds(Integer.getInteger("outage.broker", 12));
    private static final SimulatorSettings PROVIDER =
            SimulatorSettings.defaults().withLatency(Duration.ofMillis(50), Duration.ofSeconds(1));

    @TempDir private Path folder;

    private Network network;
    private Pipeline pipeline;
    private JavaProcess worker;
    private int published;

    @BeforeEach
    void start() throws Exception {
        network = Network.faulty();
        pipeline = new Pipeline(PROVIDER, folder, AnalysisCatalog.load(Optional.empty()), network);
        pipeline.start(EnumSet.of(Role.ADMISSION));
        worker = pipeline.startWorkerProcess("0");
        publish("seo", 30);
        assertThat(pipeline.committed.awaitOutcomes(10, PATIENCE)).isNotEmpty();
    }

    @AfterEach
    void stop() {
        worker.close();
        pipeline.close();
        network.close();
    }

    @Test
    void registryWithoutAnswersDelaysRequestsThatNeedItAndLosesNone() throws Exception {
        TcpProxy registry = network.proxies().registry();
        registry.silence(true);
        // One result type that the registry has not been asked about yet, and one that it has.
        publish("support-ticket", 30);
        publish("seo", 30);
        worker.stop();
        worker = pipeline.startWorkerProcess("0");
        TimeUnit.NANOSECONDS.sleep(REGISTRY_OUTAGE.toNanos());
        registry.cut();
        registry.silence(false);

        assertNothingLost();
    }

    @Test
    void brokerWithoutAnswersDelaysAllRequestsAndLosesNone() throws Exception {
        publish("seo", 60);
        network.kafka().pause();
        TimeUnit.NANOSECONDS.sleep(BROKER_OUTAGE.toNanos());
        network.kafka().resume();
        publish("seo", 30);

        assertNothingLost();
    }

    @Test
    void slowBrokerGetsTheTimeItNeeds() throws Exception {
        // Longer than the first transaction timeout.
        network.proxies().broker().delay(Duration.ofMillis(1_100));
        publish("seo", 30);

        assertNothingLost();
    }

    private void publish(String analysis, int count) {
        for (int i = 0; i < count; i++) {
            pipeline.publish(
                    AnalysisRequest.newBuilder(
                                    Pipeline.request("r" + published, Pipeline.page(published)))
                            .setAnalysis(analysis)
                            .build());
            published++;
        }
    }

    private void assertNothingLost() throws Exception {
        List<Read> outcomes = pipeline.committed.awaitOutcomes(published, PATIENCE);
        worker.stop();
        outcomes = pipeline.committed.outcomes();
        assertThat(outcomes).as(worker.log()).hasSize(published).allMatch(Read::isResult);
        assertThat(outcomes.stream().map(Read::key)).doesNotHaveDuplicates();
        BillComparison comparison =
                BillComparison.compare(
                        pipeline.simulator.chargedCalls(), pipeline.committed.calls());
        assertThat(comparison.problems()).isEmpty();
        System.out.printf(
                "%d requests, %d calls asked for, %d answers lost%n",
                published, pipeline.simulator.requests(), comparison.lost());
    }
}
