package dev.sluice.admission;

import static dev.sluice.admission.AdmissionDriver.MAX_WAITING;
import static dev.sluice.admission.AdmissionDriver.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.analysis.CapEstimate;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Spend;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.runtime.job.Job;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Users' budgets, through the topology. */
class BudgetTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration A_WHILE = Duration.ofMillis(100);

    @RegisterExtension
    private final AdmissionDriver admission = AdmissionDriver.open(NOON, Budgets.ofEach(5));

    /** Worst-case cost of one call: the cap of a job if little money is free. */
    private final Cost oneCall = oneCall();

    @Test
    void reservationsStayWithinTheBudgetAndFurtherRequestsWait() {
        budget("2.5");

        send("ann", 5);

        List<Job> jobs = admission.jobs();
        assertThat(jobs).extracting(BudgetTest::id).containsExactly("r0", "r1");
        assertThat(jobs).extracting(job -> job.reservation().getCap()).containsOnly(oneCall.usd());
        assertThat(admission.deadLetters()).isEmpty();
    }

    @Test
    void unusedReservationAdmitsTheNextRequest() {
        budget("1.5");
        send("ann", 3);
        Job first = onlyJob();
        admission.pass(A_WHILE);
        assertThat(admission.jobs()).isEmpty();

        admission.worker.settle(first, "0.000001", "0");
        admission.pass(A_WHILE);

        Job second = onlyJob();
        assertThat(id(second)).isEqualTo("r1");
        assertThat(second.reservation().getCap()).isEqualTo(oneCall.usd());
    }

    @Test
    void laterRequestDoesNotOvertakeAWaitingOne() {
        budget("1.5");
        send("ann", 2);
        admission.worker.settle(onlyJob(), "0.000001", "0");

        admission.send(request("ann", "late"));
        admission.pass(A_WHILE);

        assertThat(id(onlyJob())).isEqualTo("r1");
    }

    @Test
    void spentBudgetDeniesRequestsWithARetryTime() {
        budget("1.5");
        send("ann", 2);
        admission.worker.settle(onlyJob(), oneCall.toString(), "0");
        admission.pass(A_WHILE);

        admission.send(request("ann", "another"));

        List<DeadLetter> letters = admission.deadLetters();
        assertThat(letters)
                .extracting(letter -> letter.getRequestId().toString())
                .containsExactly("r1", "another");
        assertThat(letters).extracting(DeadLetter::getReason).containsOnly(Reason.BUDGET_EXCEEDED);
        assertThat(letters.getFirst().getRetryAt()).isEqualTo("2026-11-24T00:00:00Z");
        assertThat(letters.getFirst().getMessage().toString()).contains("2026-11-23");
    }

    @Test
    void unconfirmedCallsCountAsSpent() {
        budget("1.5");
        send("ann", 1);
        admission.worker.settle(onlyJob(), "0", oneCall.toString());

        admission.send(request("ann", "another"));

        assertThat(admission.deadLetters()).hasSize(1);
    }

    @Test
    void spentBudgetOfAUserDoesNotAffectOthers() {
        budget("1.5");
        send("ann", 1);
        admission.worker.settle(onlyJob(), oneCall.toString(), "0");

        admission.send(request("bob", "his"));

        assertThat(id(onlyJob())).isEqualTo("his");
    }

    @Test
    void waitingRequestIsAdmittedOnTheNextDay() {
        budget("1.5");
        send("ann", 1);
        admission.worker.settle(onlyJob(), oneCall.toString(), "0");

        admission.send(patient("patient", NOON.plus(Duration.ofDays(3))));
        admission.pass(Duration.ofHours(11));
        assertThat(admission.jobs()).isEmpty();
        admission.pass(Duration.ofHours(2));

        Job job = onlyJob();
        assertThat(id(job)).isEqualTo("patient");
        assertThat(job.reservation().getDay()).isEqualTo(LocalDate.of(2026, 11, 24));
        assertThat(admission.deadLetters()).isEmpty();
    }

    @Test
    void waitingRequestIsDeniedAtItsDeadline() {
        budget("1.5");
        send("ann", 1);
        AnalysisRequest soon = request("ann", "soon");
        soon.setDeadline(NOON.plusSeconds(60));
        admission.send(soon);

        admission.pass(Duration.ofSeconds(62));

        assertThat(admission.deadLetters())
                .extracting(DeadLetter::getReason)
                .containsExactly(Reason.DEADLINE_EXCEEDED);
    }

    @Test
    void requestsBeyondMaxWaitingAreDenied() {
        budget("1.5");

        send("ann", 1 + MAX_WAITING + 2);

        assertThat(admission.deadLetters())
                .extracting(letter -> letter.getRequestId().toString())
                .containsExactly("r21", "r22");
    }

    @Test
    void eachSettlementPublishesTheUsersDay() {
        budget("2.5");
        send("ann", 2);

        admission.worker.settle(admission.jobs().getFirst(), "0.01", "0.002");

        List<Spend> spends = admission.spends();
        assertThat(spends).hasSize(1);
        Spend spend = spends.getFirst();
        assertThat(spend.getUserId()).hasToString("ann");
        assertThat(spend.getDay()).isEqualTo(LocalDate.of(2026, 11, 23));
        assertThat(spend.getSpentUsd()).isEqualByComparingTo("0.01");
        assertThat(spend.getUnconfirmedUsd()).isEqualByComparingTo("0.002");
        assertThat(spend.getReservedUsd()).isEqualByComparingTo(oneCall.usd());
        assertThat(spend.getLimitUsd())
                .isEqualByComparingTo(oneCall.usd().multiply(new BigDecimal("2.5")));
    }

    @Test
    void settlementIsBookedOnTheDayOfItsReservation() {
        budget("1.5");
        send("ann", 1);
        Job yesterday = onlyJob();
        admission.pass(Duration.ofHours(13));

        admission.worker.settle(yesterday, oneCall.toString(), "0");
        admission.send(request("ann", "today"));

        assertThat(id(onlyJob())).isEqualTo("today");
    }

    @Test
    void daysBeginInTheBudgetsTimeZone() {
        admission.open(
                PriceTable.shipped(), new Budgets(oneCall, Map.of(), ZoneId.of("Asia/Tokyo")), 1);
        admission.pass(Duration.ofHours(4));

        send("ann", 1);

        assertThat(onlyJob().reservation().getDay()).isEqualTo(LocalDate.of(2026, 11, 24));
    }

    @Test
    void bytesThatAreNotASettlementAreSkipped() {
        admission.settle(new byte[] {1, 2, 3});

        admission.send(request("ann", "r"));

        assertThat(admission.jobs()).hasSize(1);
        assertThat(admission.deadLetters()).isEmpty();
    }

    @Test
    void settlementWithANegativeAmountIsSkipped() {
        budget("1.5");
        send("ann", 2);
        Job first = onlyJob();

        admission.worker.settle(first, "-1", "0");
        admission.pass(A_WHILE);
        assertThat(admission.jobs()).isEmpty();
        admission.worker.settle(first, "0.000001", "0");
        admission.pass(A_WHILE);

        assertThat(id(onlyJob())).isEqualTo("r1");
    }

    @Test
    void patientRequestThatExceedsADaysBudgetIsDenied() {
        budget("0.5");

        admission.send(patient("dear", NOON.plus(Duration.ofDays(9))));

        assertThat(admission.deadLetters())
                .extracting(DeadLetter::getReason)
                .containsExactly(Reason.BUDGET_EXCEEDED);
    }

    @Test
    void requestThatExceedsADaysBudgetIsDeniedWithoutARetryTime() {
        budget("0.5");

        admission.send(request("ann", "dear"));

        DeadLetter letter = admission.deadLetters().getFirst();
        assertThat(letter.getRetryAt()).isNull();
        assertThat(letter.getMessage().toString())
                .contains("it never fits the budget", "budgets.users", "sluice budget set");
    }

    @Test
    void deniedRequestCanBeSentAgainOnTheNextDay() {
        budget("1.5");
        send("ann", 1);
        admission.worker.settle(onlyJob(), oneCall.toString(), "0");
        AnalysisRequest denied = request("ann", "another");
        denied.setDeadline(NOON.plus(Duration.ofDays(3)));
        admission.send(denied);
        assertThat(admission.deadLetters()).hasSize(1);

        admission.pass(Duration.ofHours(13));
        admission.send(denied);
        admission.send(denied);

        assertThat(id(onlyJob())).isEqualTo("another");
        assertThat(admission.deadLetters()).isEmpty();
    }

    @Test
    void largestDeadlineIsAccepted() {
        budget("1.5");
        send("ann", 1);
        admission.worker.settle(onlyJob(), oneCall.toString(), "0");

        admission.send(patient("eternal", Instant.ofEpochMilli(Long.MAX_VALUE)));
        admission.pass(Duration.ofHours(13));

        assertThat(id(onlyJob())).isEqualTo("eternal");
    }

    @Test
    void smallPatientRequestDoesNotOvertakeALargeOne() {
        budget("1.5");
        send("ann", 1);
        Cost all = new Cost(oneCall.usd().multiply(new BigDecimal("1.5")));
        admission.worker.settle(onlyJob(), all.toString(), "0");
        for (int i = 0; i < 15; i++) {
            AnalysisRequest small = patient("small" + i, NOON.plus(Duration.ofDays(3)));
            small.setAnalysis("support-ticket");
            admission.send(small);
        }
        admission.pass(Duration.ofHours(13));
        for (int tick = 0; tick < 15; tick++) {
            // Each tick admits at least one that fits, however little time it has.
            admission.pass(A_WHILE);
        }
        List<Job> small = admission.jobs();
        assertThat(small).hasSizeBetween(1, 14);
        admission.send(request("ann", "large"));

        admission.worker.settle(small.getFirst(), "0.000001", "0");
        admission.pass(A_WHILE);

        assertThat(admission.jobs()).as("only a small request fits").isEmpty();
    }

    @Test
    void allWaitingUsersAreAdmittedOnTheNextDayAfterARestart() {
        budget("1.5");
        Cost all = new Cost(oneCall.usd().multiply(new BigDecimal("1.5")));
        for (int user = 0; user < 40; user++) {
            send("user" + user, 1);
            admission.worker.settle(onlyJob(), all.toString(), "0");
            for (int i = 0; i < AdmissionDriver.MAX_WAITING; i++) {
                AnalysisRequest waiting = patient("waiting" + i, NOON.plus(Duration.ofDays(3)));
                waiting.setUserId("user" + user);
                admission.send(waiting);
            }
        }
        admission.pass(Duration.ofHours(13));
        admission.restart();
        send("somebody", 1);
        for (int tick = 0; tick < 5; tick++) {
            admission.pass(A_WHILE);
        }

        assertThat(admission.jobs())
                .extracting(job -> job.request().getUserId().toString())
                .doesNotHaveDuplicates()
                .hasSize(41);
    }

    @Test
    void waitingRequestAlsoWaitsForTheRegistry() {
        budget("1.5");
        send("bob", 1);
        admission.worker.settle(onlyJob(), "0.000001", "0");
        send("ann", 2);
        byte[] settlement = admission.worker.settlement(onlyJob(), oneCall.toString(), "0");
        // This is the first dead letter, so its schema has to be registered.
        admission.server.fail(503);
        admission.settle(settlement);
        admission.pass(Duration.ofMinutes(1));
        assertThat(admission.deadLetters()).isEmpty();

        admission.server.recover();
        admission.pass(A_WHILE);

        assertThat(admission.deadLetters())
                .extracting(letter -> letter.getRequestId().toString())
                .containsExactly("r1");
    }

    @Test
    void settlementsWaitForTheRegistry() {
        budget("1.5");
        send("ann", 2);
        Job first = onlyJob();
        byte[] settlement = admission.worker.settlement(first, "0.000001", "0");
        admission.server.fail(503);
        admission.settle(settlement);
        admission.pass(Duration.ofMinutes(2));
        assertThat(admission.jobs()).isEmpty();

        admission.server.recover();
        admission.pass(Duration.ofSeconds(3));
        admission.pass(A_WHILE);

        assertThat(id(onlyJob())).isEqualTo("r1");
    }

    /** Opens admission with a daily budget of this many calls. */
    private void budget(String calls) {
        Cost daily = new Cost(oneCall.usd().multiply(new BigDecimal(calls)));
        admission.open(PriceTable.shipped(), new Budgets(daily, Map.of(), ZoneId.of("UTC")), 1);
    }

    private static AnalysisRequest patient(String id, Instant deadline) {
        AnalysisRequest patient = request("ann", id);
        patient.setWhenOverBudget(WhenOverBudget.WAIT);
        patient.setDeadline(deadline);
        return patient;
    }

    private static Cost oneCall() {
        AnalysisDefinition seo = AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();
        ModelPrice price =
                PriceTable.shipped()
                        .find(AdmissionDriver.MODEL, LocalDate.of(2026, 11, 23))
                        .orElseThrow();
        return new CapEstimate(seo, TokenCounter.ofIds(List.of(AdmissionDriver.MODEL)))
                .oneCall(
                        ContentSize.of(request("ann", "r").getContent().toString()),
                        List.of(price));
    }

    private void send(String user, int count) {
        for (int i = 0; i < count; i++) {
            admission.send(request(user, "r" + i));
        }
    }

    private Job onlyJob() {
        List<Job> jobs = new ArrayList<>(admission.jobs());
        assertThat(jobs).hasSize(1);
        return jobs.getFirst();
    }

    private static String id(Job job) {
        return job.request().getRequestId().toString();
    }
}
