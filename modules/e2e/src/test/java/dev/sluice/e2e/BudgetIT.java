package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.ChargedCall;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Budgets under concurrency: all requests at once, and a budget for a part of them. */
class BudgetIT {
    /** Set {@code -Dbudget.requests=1000} for the long form. */
    private static final int REQUESTS = Integer.getInteger("budget.requests", 300);

    /** The cost of a hundred calls with such pages. */
    private static final BigDecimal BUDGET_USD =
            new BigDecimal(System.getProperty("budget.usd", "0.114"));

    /** The rest of the budget is less than the cost of one call. */
    private static final BigDecimal USED = new BigDecimal("0.95");

    /** When the process is killed, in the middle of the run. */
    private static final int FIRST_OUTCOMES = 50;

    @TempDir private Path folder;

    @Test
    void budgetIsSpentAndNotMoreWhenOneOfTwoAdmissionsIsKilled() throws Exception {
        try (Pipeline pipeline = pipeline(Duration.ofMillis(5), Duration.ofMillis(50));
                JavaProcess admission =
                        pipeline.startProcess("killed", "admission", settings(pipeline))) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            for (int worker = 0; worker < 3; worker++) {
                pipeline.start(EnumSet.of(Role.WORKER));
            }
            publish(pipeline);
            assertThat(pipeline.committed.awaitOutcomes(FIRST_OUTCOMES, PATIENCE)).isNotEmpty();
            admission.kill();

            List<Read> outcomes = pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE);

            requireMatchingBill(pipeline, outcomes);
            assertThat(sum(pipeline.committed.calls(), "costUsd"))
                    .as("no request was lost")
                    .isEqualByComparingTo(bill(pipeline));
        }
    }

    @Test
    void budgetIsSpentAndNotMoreWhenAWorkerIsKilled() throws Exception {
        // Long enough that other calls are running when one ends.
        try (Pipeline pipeline = pipeline(Duration.ofMillis(500), Duration.ofSeconds(3));
                JavaProcess worker =
                        pipeline.startWorkerProcess(
                                "killed", Map.of(), "-Dsluice.log.level=DEBUG")) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            await().atMost(PATIENCE).until(() -> worker.log().contains("partitions assigned"));
            publish(pipeline);
            // One call has ended, and others are running.
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() ->
                            worker.log()
                                    .lines()
                                    .anyMatch(line ->
                                            line.contains("model called")
                                                    && !line.contains("warm-up")));
            worker.kill();
            pipeline.start(EnumSet.of(Role.WORKER));

            List<Read> outcomes = pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE);

            BillComparison comparison = requireMatchingBill(pipeline, outcomes);
            assertThat(comparison.unconfirmed()).isPositive();
            BigDecimal confirmed =
                    sum(
                            pipeline.committed.calls().stream()
                                    .filter(row -> !BillComparison.isUnconfirmed(row))
                                    .toList(),
                            "costUsd");
            BigDecimal bill = bill(pipeline);
            assertThat(bill).isBetween(confirmed, BUDGET_USD);
            System.out.printf(
                    "bill %s USD, of which confirmed %s; %d calls unconfirmed, of which %d charged%n",
                    bill.toPlainString(),
                    confirmed.toPlainString(),
                    comparison.unconfirmed(),
                    comparison.lost());
        }
    }

    private Pipeline pipeline(Duration shortest, Duration longest) throws Exception {
        Pipeline pipeline =
                new Pipeline(SimulatorSettings.defaults().withLatency(shortest, longest), folder);
        pipeline.limits =
                UserLimits.of(
                        new Budgets(new Cost(BUDGET_USD), Map.of(), Pipeline.whereItIsNoon()));
        return pipeline;
    }

    /** The same limits as settings of a process. */
    private static Map<String, String> settings(Pipeline pipeline) {
        return Map.of(
                "SLUICE_BUDGETS_DAILY_USD",
                BUDGET_USD.toPlainString(),
                "SLUICE_BUDGETS_TIME_ZONE",
                pipeline.limits.budgets().zone().getId(),
                "SLUICE_RATES_REQUESTS_PER_HOUR",
                "1000000",
                "SLUICE_ADMISSION_MAX_INTERACTIVE",
                "1000000");
    }

    /**
     * Requires one outcome per request, a budget that is never exceeded, and equal amounts in all
     * three records of money.
     */
    private static BillComparison requireMatchingBill(Pipeline pipeline, List<Read> outcomes) {
        assertThat(outcomes.stream().map(Read::key)).hasSize(REQUESTS).doesNotHaveDuplicates();
        assertThat(outcomes.stream().filter(read -> !read.isResult()))
                .allMatch(letter ->
                        Set.of("BUDGET_EXCEEDED", "CAP_EXHAUSTED").contains(letter.text("reason")));
        BigDecimal booked = sum(pipeline.committed.calls(), "costUsd");
        assertThat(booked).isBetween(BUDGET_USD.multiply(USED), BUDGET_USD);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(pipeline.committed.spends().getLast())
                                .satisfies(last -> assertThat(usd(last, "reservedUsd")).isZero())
                                .satisfies(last ->
                                        assertThat(booked(last)).isEqualByComparingTo(booked)));
        assertThat(pipeline.committed.spends())
                .allMatch(spend -> usd(spend, "limitUsd").compareTo(booked(spend)) >= 0);
        BillComparison comparison =
                BillComparison.compare(
                        pipeline.simulator.chargedCalls(), pipeline.committed.calls());
        assertThat(comparison.problems()).isEmpty();
        System.out.printf(
                "%d requests: %d results, %s of %s USD spent%n",
                REQUESTS,
                outcomes.stream().filter(Read::isResult).count(),
                booked.toPlainString(),
                BUDGET_USD);
        return comparison;
    }

    private static BigDecimal bill(Pipeline pipeline) {
        return pipeline.simulator.chargedCalls().stream()
                .map(ChargedCall::usd)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static void publish(Pipeline pipeline) {
        for (int i = 0; i < REQUESTS; i++) {
            pipeline.publish(Pipeline.request("r" + i, Article.number(i)));
        }
    }

    private static BigDecimal booked(Read spend) {
        return usd(spend, "spentUsd")
                .add(usd(spend, "unconfirmedUsd"))
                .add(usd(spend, "reservedUsd"));
    }

    private static BigDecimal sum(List<Read> rows, String field) {
        return rows.stream().map(row -> usd(row, field)).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal usd(Read row, String field) {
        return (BigDecimal) row.value().get(field);
    }
}
