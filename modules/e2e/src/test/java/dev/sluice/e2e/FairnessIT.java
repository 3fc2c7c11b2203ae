package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fairness: one user has a huge backlog, and other users want one answer each. */
@Tag("measures-time")
class FairnessIT {
    /** Set {@code -Dfairness.backlog=100000} for the long form. */
    private static final int BACKLOG = Integer.getInteger("fairness.backlog", 4_000);

    private static final int OTHERS = 50;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofMillis(20);

    @TempDir private Path folder;

    @Test
    void otherUsersFinishNearlyAsFastAsAlone() throws Exception {
        SimulatorSettings settings =
                SimulatorSettings.defaults()
                        .withLatency(Duration.ofMillis(500), Duration.ofMillis(1_500));
        try (Pipeline pipeline = new Pipeline(settings, folder)) {
            pipeline.limits =
                    new UserLimits(
                            Budgets.ofEach(1_000_000),
                            Ceilings.NONE,
                            Rates.ofEach(1_000_000),
                            1_000_000,
                            20);
            pipeline.start(EnumSet.allOf(Role.class));
            // The first calls are slower than all others.
            Duration _ = round(pipeline, "warm", 0);
            Duration alone = round(pipeline, "alone", OTHERS);

            for (int i = 0; i < BACKLOG; i++) {
                pipeline.publish(request("greedy", "g" + i, i));
            }
            // The whole backlog is with the worker.
            awaitJobs(pipeline);
            Duration beside = round(pipeline, "beside", 2 * OTHERS);
            long greedy =
                    pipeline.committed.outcomes().stream()
                            .filter(read -> read.text("userId").equals("greedy"))
                            .count();

            System.out.printf(
                    "%d users with a request each: %d ms alone, %d ms beside a backlog of %d, of"
                            + " which %d were done then%n",
                    OTHERS, alone.toMillis(), beside.toMillis(), BACKLOG, greedy);
            assertThat(greedy)
                    .as("the backlog lasted during the whole measurement")
                    .isLessThan(BACKLOG);
            assertThat(beside).isLessThan(alone.multipliedBy(3));
        }
    }

    /** Time from the first request of this many users until all have their outcomes. */
    private static Duration round(Pipeline pipeline, String name, int before)
            throws InterruptedException {
        long start = System.nanoTime();
        for (int i = 0; i < OTHERS; i++) {
            pipeline.publish(request(name + i, name + i, i));
        }
        await().atMost(PATIENCE)
                .pollInterval(LOOK)
                .until(() -> others(pipeline).size() >= before + OTHERS);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(others(pipeline)).hasSize(before + OTHERS);
        return took;
    }

    private static List<Read> others(Pipeline pipeline) {
        return pipeline.committed.outcomes().stream()
                .filter(read -> !read.text("userId").equals("greedy"))
                .toList();
    }

    private static void awaitJobs(Pipeline pipeline) {
        await().atMost(PATIENCE)
                .pollInterval(LOOK)
                .until(() -> pipeline.committed.writtenJobs() >= 2 * OTHERS + BACKLOG);
    }

    private static AnalysisRequest request(String user, String id, int page) {
        AnalysisRequest request = Pipeline.request(id, Pipeline.page(page));
        request.setUserId(user);
        return request;
    }
}
