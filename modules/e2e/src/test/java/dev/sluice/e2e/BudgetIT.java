package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.ledger.Budgets;
import dev.sluice.analysis.price.Cost;
import dev.sluice.app.Service;
import dev.sluice.app.ServicePlan.Role;
import dev.sluice.e2e.Pipeline.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Budgets under concurrency: everything at once, with money for a part of it. */
class BudgetIT {
    private static final int REQUESTS = 400;
    private static final BigDecimal BUDGET_USD = new BigDecimal("0.15");
    private static final Duration PATIENCE = Duration.ofSeconds(180);

    @TempDir private Path folder;

    @Test
    void hundredsOfRequestsAtOnceSpendABudgetAndNotMore() throws Exception {
        try (Pipeline pipeline =
                new Pipeline(
                        SimulatorSettings.defaults()
                                .withLatency(Duration.ofMillis(5), Duration.ofMillis(50)),
                        folder)) {
            pipeline.budgets = new Budgets(new Cost(BUDGET_USD), Map.of(), whereItIsNoon());
            Service admission = pipeline.start(EnumSet.of(Role.ADMISSION));
            pipeline.start(EnumSet.of(Role.WORKER));
            publish(pipeline, 0, REQUESTS / 2);
            assertThat(pipeline.awaitOutcomes(50, PATIENCE)).isNotEmpty();
            // Its books are in the brokers' hands.
            admission.close();
            pipeline.start(EnumSet.of(Role.ADMISSION));
            publish(pipeline, REQUESTS / 2, REQUESTS);

            List<Read> outcomes = pipeline.awaitOutcomes(REQUESTS, PATIENCE);

            assertThat(outcomes.stream().map(Read::key)).hasSize(REQUESTS).doesNotHaveDuplicates();
            assertThat(outcomes.stream().filter(read -> !read.isResult()))
                    .allMatch(letter -> letter.text("reason").equals("BUDGET_EXCEEDED"));
            BigDecimal booked = sum(pipeline.calls(), "costUsd");
            assertThat(booked).isLessThanOrEqualTo(BUDGET_USD);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(pipeline.spends().getLast())
                                    .satisfies(
                                            last -> assertThat(usd(last, "reservedUsd")).isZero())
                                    .satisfies(last ->
                                            assertThat(usd(last, "spentUsd"))
                                                    .isEqualByComparingTo(booked)));
            assertThat(pipeline.spends())
                    .allMatch(spend -> usd(spend, "limitUsd").compareTo(booked(spend)) >= 0);
            Books books = Books.compare(pipeline.simulator.chargedCalls(), pipeline.calls());
            assertThat(books.problems()).isEmpty();
            System.out.printf(
                    "%d requests: %d results, %s of %s USD spent%n",
                    REQUESTS,
                    outcomes.stream().filter(Read::isResult).count(),
                    booked.toPlainString(),
                    BUDGET_USD);
        }
    }

    private static void publish(Pipeline pipeline, int from, int to) {
        for (int i = from; i < to; i++) {
            pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
        }
    }

    /** Far from the turn of the day. */
    private static ZoneOffset whereItIsNoon() {
        return ZoneOffset.ofHours(12 - LocalTime.now(ZoneOffset.UTC).getHour());
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
