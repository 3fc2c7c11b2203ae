package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.simulator.QuotaPolicy;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several workers share one rate limit. */
class QuotaIT {
    private static final int REQUESTS = 240;

    @TempDir private Path folder;

    @Test
    void workersShareTheLimitThroughRebalances() throws Exception {
        SimulatorSettings settings =
                SimulatorSettings.defaults()
                        .withLatency(Duration.ofMillis(200), Duration.ofMillis(600))
                        .withQuota(QuotaPolicy.parse("3000000:window:10s"));
        try (Pipeline pipeline = new Pipeline(settings, folder)) {
            pipeline.start(EnumSet.of(Role.ADMISSION, Role.WORKER));
            Service second = pipeline.start(EnumSet.of(Role.WORKER));
            IntStream.range(0, REQUESTS)
                    .forEach(i -> pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i))));

            assertThat(pipeline.committed.awaitOutcomes(REQUESTS / 4, PATIENCE)).isNotEmpty();
            pipeline.start(EnumSet.of(Role.WORKER));
            assertThat(pipeline.committed.awaitOutcomes(REQUESTS / 2, PATIENCE)).isNotEmpty();
            second.close();
            List<CommittedRecords.Read> outcomes =
                    pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE);

            assertThat(outcomes).hasSize(REQUESTS).allMatch(CommittedRecords.Read::isResult);
            System.out.printf("%d calls turned away%n", pipeline.simulator.turnedAway());
            assertThat(pipeline.simulator.turnedAway()).isLessThanOrEqualTo(REQUESTS / 50);
        }
    }
}
