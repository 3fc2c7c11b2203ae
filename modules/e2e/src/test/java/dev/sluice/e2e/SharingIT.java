package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One user sends the same request again and again. */
class SharingIT {
    private static final int REFRESHES = 200;
    private static final UserLimits LIMITS =
            new UserLimits(Budgets.ofEach(5), Ceilings.NONE, Rates.ofEach(REFRESHES), 10_000, 50);

    @TempDir private Path folder;

    @Test
    void twoHundredRefreshesArePaidOnceAndOneMoreIsTooMany() throws Exception {
        SimulatorSettings slow =
                SimulatorSettings.defaults()
                        .withLatency(Duration.ofSeconds(1), Duration.ofSeconds(1));
        try (Pipeline pipeline = new Pipeline(slow, folder)) {
            pipeline.limits = LIMITS;
            Service admission = pipeline.start(EnumSet.of(Role.ADMISSION));
            pipeline.start(EnumSet.of(Role.WORKER));
            // Some wait for the first answer while admission stops and returns,
            refresh(pipeline, 0, 50);
            await().atMost(PATIENCE).until(() -> pipeline.simulator.requests() > 0);
            admission.close();
            refresh(pipeline, 50, 100);
            pipeline.start(EnumSet.of(Role.ADMISSION));
            assertThat(pipeline.committed.awaitOutcomes(100, PATIENCE)).hasSize(100);
            // and some arrive after the answer.
            refresh(pipeline, 100, REFRESHES + 1);

            List<Read> outcomes = pipeline.committed.awaitOutcomes(REFRESHES + 1, PATIENCE);

            assertThat(outcomes.stream().map(Read::key))
                    .hasSize(REFRESHES + 1)
                    .doesNotHaveDuplicates();
            List<Read> results = outcomes.stream().filter(Read::isResult).toList();
            assertThat(results).hasSize(REFRESHES);
            List<Read> paid =
                    results.stream().filter(read -> read.value().get("paidBy") == null).toList();
            assertThat(paid).hasSize(1);
            assertThat(results.stream().filter(read -> read != paid.getFirst()))
                    .allMatch(read -> read.text("paidBy").equals(paid.getFirst().key()))
                    .allMatch(read -> usd(read, "costUsd").signum() == 0)
                    .allMatch(read -> read.text("output").equals(paid.getFirst().text("output")));
            assertThat(outcomes.stream().filter(read -> !read.isResult()))
                    .singleElement()
                    .matches(letter -> letter.text("reason").equals("RATE_EXCEEDED"));
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(1);
            assertThat(pipeline.committed.calls()).hasSize(1);
        }
    }

    @Test
    void invalidAnswerIsPaidOnceToo() throws Exception {
        SimulatorSettings broken =
                SimulatorSettings.defaults()
                        .withLatency(Duration.ofSeconds(1), Duration.ofSeconds(1))
                        .withFaults(FaultRates.parse("malformed=1"), 1);
        try (Pipeline pipeline = new Pipeline(broken, folder)) {
            pipeline.limits = LIMITS;
            pipeline.start(EnumSet.allOf(Role.class));
            refresh(pipeline, 0, REFRESHES);

            List<Read> outcomes = pipeline.committed.awaitOutcomes(REFRESHES, PATIENCE);

            assertThat(outcomes.stream().map(Read::key)).hasSize(REFRESHES).doesNotHaveDuplicates();
            assertThat(outcomes)
                    .allMatch(letter -> letter.text("reason").equals("INVALID_OUTPUT"))
                    .filteredOn(letter -> letter.value().get("paidBy") == null)
                    .hasSize(1);
            assertThat(pipeline.committed.calls()).as("the call and its repair call").hasSize(2);
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(2);
        }
    }

    private static void refresh(Pipeline pipeline, int from, int to) {
        for (int i = from; i < to; i++) {
            AnalysisRequest request = Pipeline.request("r" + i, Pipeline.page(1));
            request.setCache(CacheUse.ALLOW);
            pipeline.publish(request);
        }
    }

    private static BigDecimal usd(Read row, String field) {
        return (BigDecimal) row.value().get(field);
    }
}
