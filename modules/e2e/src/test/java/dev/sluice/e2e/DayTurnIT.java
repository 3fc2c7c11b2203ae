package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.ChargedCall;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The budget's day ends while jobs are running. Its time zone is not the machine's. */
class DayTurnIT {
    private static final BigDecimal BUDGET_USD = new BigDecimal("0.008");

    /** More requests than one day's budget covers, and fewer than two days' budgets cover. */
    private static final int PATIENT = 12;

    /** Time for a service to start on a busy machine and to make some calls. */
    private static final Duration UNTIL_MIDNIGHT = Duration.ofSeconds(30);

    @TempDir private Path folder;

    @Test
    void eachCallIsBookedToOneDayAndARepeatedRequestFromTheFutureIsIgnored() throws Exception {
        try (Pipeline pipeline =
                new Pipeline(
                        SimulatorSettings.defaults()
                                .withLatency(Duration.ofMillis(50), Duration.ofMillis(200)),
                        folder)) {
            Instant midnight = Instant.now().plus(UNTIL_MIDNIGHT).truncatedTo(ChronoUnit.SECONDS);
            ZoneOffset zone = zoneOf(midnight);
            pipeline.limits = UserLimits.of(new Budgets(new Cost(BUDGET_USD), Map.of(), zone));
            pipeline.start(EnumSet.allOf(Role.class));
            pipeline.publishAt(
                    midnight.plus(Duration.ofDays(4_000)), request(0, WhenOverBudget.WAIT));
            for (int i = 0; i < PATIENT; i++) {
                pipeline.publish(request(i, WhenOverBudget.WAIT));
            }
            await().atMost(PATIENCE).until(() -> isUsedUp(pipeline));
            pipeline.publish(request(PATIENT, WhenOverBudget.REFUSE));

            List<Read> outcomes = pipeline.committed.awaitOutcomes(PATIENT + 1, PATIENCE);
            pipeline.publish(request(0, WhenOverBudget.WAIT));
            // Publish another request to the end of the same partition: the request before it was
            // ignored.
            AnalysisRequest last = request(0, WhenOverBudget.WAIT);
            last.setRequestId("last");
            last.setDeadline(midnight.minusSeconds(60));
            pipeline.publish("r0", pipeline.serialized(last));
            outcomes = pipeline.committed.awaitOutcomes(PATIENT + 2, PATIENCE);

            assertThat(outcomes).extracting(Read::key).doesNotHaveDuplicates().hasSize(PATIENT + 2);
            assertThat(outcomes.stream().filter(Read::isResult)).hasSize(PATIENT);
            assertThat(outcomes.stream().filter(read -> read.key().equals("r" + PATIENT)))
                    .singleElement()
                    .satisfies(read -> {
                        assertThat(read.text("reason")).isEqualTo("BUDGET_EXCEEDED");
                        assertThat(read.value().get("retryAt")).isEqualTo(midnight);
                    });
            requireDays(pipeline, midnight.atOffset(zone).toLocalDate());
        }
    }

    /** Requires that each of two days has its own calls only, and no more than its budget. */
    private static void requireDays(Pipeline pipeline, LocalDate second) {
        Map<LocalDate, BigDecimal> called =
                pipeline.committed.calls().stream()
                        .collect(
                                Collectors.groupingBy(
                                        row -> (LocalDate) row.value().get("day"),
                                        Collectors.mapping(
                                                row -> (BigDecimal) row.value().get("costUsd"),
                                                Collectors.reducing(
                                                        BigDecimal.ZERO, BigDecimal::add))));
        assertThat(called).containsOnlyKeys(second.minusDays(1), second);
        assertThat(called.values()).allMatch(usd -> usd.compareTo(BUDGET_USD) <= 0);
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    Map<LocalDate, BigDecimal> told =
                            pipeline.committed.spends().stream()
                                    .collect(
                                            Collectors.toMap(
                                                    row -> (LocalDate) row.value().get("day"),
                                                    row -> (BigDecimal) row.value().get("spentUsd"),
                                                    (_, later) -> later));
                    assertThat(told).isEqualTo(called);
                });
        assertThat(
                        pipeline.simulator.chargedCalls().stream()
                                .map(ChargedCall::usd)
                                .reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(
                        called.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add));
    }

    /**
     * Whether no call is running and requests wait, because the rest of the budget is too small for
     * a call.
     */
    private static boolean isUsedUp(Pipeline pipeline) {
        List<Read> spends = pipeline.committed.spends();
        return !spends.isEmpty()
                && ((BigDecimal) spends.getLast().value().get("reservedUsd")).signum() == 0
                && pipeline.committed.outcomes().size() < PATIENT;
    }

    private static AnalysisRequest request(int number, WhenOverBudget whenOver) {
        AnalysisRequest request = Pipeline.request("r" + number, Pipeline.page(number));
        request.setWhenOverBudget(whenOver);
        return request;
    }

    /** The offset at which this instant is midnight. */
    static ZoneOffset zoneOf(Instant midnight) {
        int seconds = midnight.atOffset(ZoneOffset.UTC).toLocalTime().toSecondOfDay();
        int day = LocalTime.MAX.toSecondOfDay() + 1;
        return ZoneOffset.ofTotalSeconds(seconds <= day / 2 ? -seconds : day - seconds);
    }
}
