package dev.sluice.admission;

import static dev.sluice.admission.AdmissionDriver.MAX_WAITING;
import static dev.sluice.admission.AdmissionDriver.TOPICS;
import static dev.sluice.admission.AdmissionDriver.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Spend;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.runtime.job.Job;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Own limits and budget additions, changed while admission runs, through the topology. */
class OwnLimitsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);
    private static final Duration A_WHILE = Duration.ofMillis(100);

    @RegisterExtension private final AdmissionDriver admission = new AdmissionDriver(NOON);

    @BeforeEach
    void start() {
        open(1);
    }

    private void open(int partitions) {
        admission.open(
                PriceTable.shipped(),
                new UserLimits(
                        Budgets.ofEach(0), Ceilings.NONE, Rates.ofEach(3), MAX_WAITING, 1_000),
                partitions);
    }

    @Test
    void raisedBudgetAdmitsWaitingRequests() {
        admission.limit("ann", "0.001", null);
        admission.limit("bob", "0.001", null);
        admission.send(patient("ann", "a"));
        admission.send(patient("bob", "b"));
        admission.pass(A_WHILE);
        assertThat(admission.jobs()).as("one call exceeds a day's budget").isEmpty();
        assertThat(admission.deadLetters()).hasSize(2);

        admission.limit("ann", "1", null);
        admission.send(patient("ann", "first"));
        admission.worker.settle(onlyJob(), "1", "0");
        admission.send(patient("ann", "second"));
        assertThat(admission.jobs()).isEmpty();
        admission.limit("ann", "2", null);
        admission.pass(A_WHILE);

        assertThat(id(onlyJob())).isEqualTo("second");
    }

    @Test
    void additionAppliesOnlyToItsDay() {
        admission.add("ann", TODAY, "0.5");
        admission.add("ann", TODAY, "0.25");
        admission.send(request("ann", "today"));
        assertThat(id(onlyJob())).isEqualTo("today");

        admission.pass(Duration.ofDays(1));
        AnalysisRequest tomorrow = request("ann", "tomorrow");
        tomorrow.setDeadline(NOON.plus(Duration.ofDays(2)));
        admission.send(tomorrow);

        assertThat(admission.deadLetters())
                .extracting(DeadLetter::getReason)
                .containsExactly(Reason.BUDGET_EXCEEDED);
    }

    @Test
    void duplicateAdditionsCountOnce() {
        admission.add("ann", TODAY, "0.5");
        admission.add("ann", TODAY, "0.25");
        admission.add("bob", TODAY, "0.5");
        admission.restart();
        for (int again = 0; again < 3; again++) {
            admission.add("ann", TODAY, "0.5");
            admission.add("ann", TODAY, "0.25");
            admission.pass(Duration.ofHours(3));
        }

        assertThat(limits()).containsExactly("0.5", "0.75", "0.5");
    }

    @Test
    void additionToAPastDayIsSkipped() {
        admission.add("ann", TODAY, "0.5");
        admission.pass(Duration.ofHours(13));
        admission.pass(Duration.ofSeconds(1));

        admission.add("ann", TODAY, "0.5");

        assertThat(limits()).containsExactly("0.5");
    }

    @Test
    void additionsWithoutAnIdAreIdentifiedByTheirOffset() {
        byte[] more = admission.addition("ann", TODAY, "0.5");

        admission.changeBudget("ann", more);
        admission.changeBudget("ann", more);
        admission.changeBudget(null, more);

        assertThat(limits()).containsExactly("0.5", "1", "1.5");
    }

    private List<String> limits() {
        return admission.spends().stream()
                .map(spend -> spend.getLimitUsd().stripTrailingZeros().toPlainString())
                .toList();
    }

    @Test
    void changeIsPublishedAtOnce() {
        admission.limit("ann", "2", null);
        admission.add("ann", TODAY, "0.5");

        assertThat(admission.spends())
                .extracting(Spend::getLimitUsd)
                .extracting(usd -> usd.stripTrailingZeros().toPlainString())
                .containsExactly("2", "2.5");
    }

    @Test
    void ownRateAppliesAtOnceAndUntilItIsRemoved() {
        admission.limit("ann", "5", 5);
        for (int i = 0; i < 6; i++) {
            admission.send(request("ann", "r" + i));
        }
        assertThat(admission.jobs()).hasSize(5);
        assertThat(admission.deadLetters()).hasSize(1);

        admission.removeLimits("ann");
        admission.pass(Duration.ofMinutes(61));
        admission.send(request("ann", "again"));

        assertThat(admission.deadLetters())
                .extracting(DeadLetter::getReason)
                .containsExactly(Reason.BUDGET_EXCEEDED);
    }

    @Test
    void erasedAdditionChangesNobodysLimits() {
        admission.limit("ann/1", "2", null);
        var _ = admission.spends();

        admission.erase("ann/1");

        assertThat(admission.spends()).isEmpty();
        admission.add("ann/1", TODAY, "0.5");
        assertThat(admission.spends())
                .extracting(spend -> spend.getLimitUsd().stripTrailingZeros().toPlainString())
                .containsExactly("2.5");
    }

    @Test
    void invalidChangesAreSkipped() {
        admission.limit("ann", "-1", null);
        admission.limit("ann", null, 0);
        admission.add("ann", TODAY.plusYears(5), "1");
        admission.changeBudget("ann", new byte[] {1, 2, 3});
        admission.limit("bob", "1", null);

        admission.send(request("ann", "a"));
        admission.send(request("bob", "b"));

        assertThat(id(onlyJob())).isEqualTo("b");
    }

    @Test
    void changeIsForwardedToTheOwnerPartition() {
        open(4);
        UserPartitioner partitioner = new UserPartitioner(4);
        String elsewhere = user(partitioner, 1);
        String here = user(partitioner, 0);

        admission.limit(elsewhere, "1", null);
        admission.limit(here, "1", null);

        assertThat(admission.records(TOPICS.repartitionedRequests()))
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                .containsExactly(elsewhere);
        assertThat(admission.spends())
                .extracting(spend -> spend.getUserId().toString())
                .containsExactly(elsewhere, here);
    }

    @Test
    void limitsBeyondTheLargestAmountStopAtIt() {
        admission.limit("ann", "999999999", null);
        admission.add("ann", TODAY, "999999999");
        admission.add("ann", TODAY, "999999998");

        assertThat(admission.spends())
                .extracting(spend -> spend.getLimitUsd().toPlainString())
                .containsExactly(
                        "999999999.000000000", "999999999.999999999", "999999999.999999999");
        admission.send(request("ann", "a"));
        assertThat(id(onlyJob())).isEqualTo("a");
    }

    @Test
    void oldDaysAreDeleted() {
        admission.add("ann", TODAY, "0.5");
        assertThat(admission.spends()).hasSize(1);

        admission.pass(Duration.ofDays(9));
        admission.pass(Duration.ofSeconds(1));

        assertThat(admission.records(TOPICS.spend()))
                .singleElement()
                .satisfies(record -> assertThat(record.value()).isNull())
                .satisfies(record -> assertThat(record.key()).asString().isEqualTo(TODAY + "/ann"));
    }

    private static String user(UserPartitioner partitioner, int partition) {
        for (int i = 0; ; i++) {
            if (partitioner.of("user-" + i) == partition) {
                return "user-" + i;
            }
        }
    }

    private static AnalysisRequest patient(String user, String id) {
        AnalysisRequest patient = request(user, id);
        patient.setWhenOverBudget(WhenOverBudget.WAIT);
        return patient;
    }

    private Job onlyJob() {
        List<Job> jobs = admission.jobs();
        assertThat(jobs).hasSize(1);
        return jobs.getFirst();
    }

    private static String id(Job job) {
        return job.request().getRequestId().toString();
    }
}
