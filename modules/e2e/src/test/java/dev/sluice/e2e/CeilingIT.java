package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.CapEstimate;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ceiling of all users' spend, which no single partition keeps. */
class CeilingIT {
    private static final int REQUESTS = Integer.getInteger("ceiling.requests", 300);
    private static final int USERS = 20;
    private static final BigDecimal CEILING_USD = new BigDecimal("0.114");

    @TempDir private Path folder;

    @Test
    void usersTogetherPassTheirLimitByOneCallOfEachOtherPartitionAtMost() throws Exception {
        try (Pipeline pipeline =
                new Pipeline(
                        SimulatorSettings.defaults()
                                .withLatency(Duration.ofMillis(5), Duration.ofMillis(50)),
                        folder)) {
            ZoneOffset zone = Pipeline.whereItIsNoon();
            pipeline.limits =
                    new UserLimits(
                            new Budgets(new Cost(BigDecimal.ONE), Map.of(), zone),
                            new Ceilings(Optional.of(new Cost(CEILING_USD)), Map.of()),
                            Rates.ofEach(Integer.MAX_VALUE),
                            10_000,
                            Integer.MAX_VALUE);
            pipeline.start(EnumSet.of(Role.ADMISSION));
            pipeline.start(EnumSet.of(Role.ADMISSION));
            pipeline.start(EnumSet.of(Role.WORKER));
            for (int i = 0; i < REQUESTS; i++) {
                AnalysisRequest request = Pipeline.request("r" + i, Article.number(i));
                request.setUserId("user" + i % USERS);
                pipeline.publish(request);
            }

            List<Read> outcomes = pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE);

            assertThat(outcomes.stream().map(Read::key)).hasSize(REQUESTS).doesNotHaveDuplicates();
            assertThat(outcomes.stream().filter(read -> !read.isResult()))
                    .isNotEmpty()
                    .allMatch(letter ->
                            Set.of("BUDGET_EXCEEDED", "CAP_EXHAUSTED")
                                    .contains(letter.text("reason")));
            BigDecimal spent = PipelineIT.spend(pipeline.committed.calls());
            BigDecimal oneCall = oneCall(LocalDate.now(zone));
            System.out.printf(
                    "%d requests of %d users: %s of %s USD spent; a call may cost %s%n",
                    REQUESTS, USERS, spent.toPlainString(), CEILING_USD, oneCall);
            BigDecimal others = BigDecimal.valueOf(Pipeline.PARTITIONS - 1);
            assertThat(spent)
                    .isBetween(
                            CEILING_USD.subtract(oneCall),
                            CEILING_USD.add(oneCall.multiply(others)));
        }
    }

    /** The highest cost of a call with such a page. */
    private static BigDecimal oneCall(LocalDate day) {
        AnalysisDefinition seo = AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();
        ModelPrice price = PriceTable.shipped().find(Pipeline.MODEL, day).orElseThrow();
        return new CapEstimate(seo, TokenCounter.ofIds(List.of(Pipeline.MODEL)))
                .oneCall(ContentSize.of(Article.number(0)), List.of(price))
                .usd();
    }
}
