package dev.sluice.admission;

import static dev.sluice.admission.AdmissionDriver.TOPICS;
import static dev.sluice.admission.AdmissionDriver.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.runtime.job.Job;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ceilings, through the topology. */
class CeilingTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration A_WHILE = Duration.ofMillis(300);

    @RegisterExtension private final AdmissionDriver admission = new AdmissionDriver(NOON);

    private void open(Ceilings ceilings) {
        admission.open(
                PriceTable.shipped(),
                new UserLimits(
                        Budgets.ofEach(1_000),
                        ceilings,
                        Rates.ofEach(Integer.MAX_VALUE),
                        AdmissionDriver.MAX_WAITING,
                        Integer.MAX_VALUE),
                1);
    }

    @Test
    void reachedCeilingDeniesAllUsers() {
        open(new Ceilings(Optional.of(usd("1")), Map.of()));
        admission.send(request("ann", "a"));
        admission.worker.settle(onlyJob(), "1", "0");

        admission.send(request("bob", "b"));

        DeadLetter letter = onlyLetter();
        assertThat(letter.getReason()).isEqualTo(Reason.BUDGET_EXCEEDED);
        assertThat(letter.getMessage()).asString().contains("of all users");
        admission.pass(Duration.ofHours(13));
        admission.send(request("bob", "tomorrow"));
        assertThat(id(onlyJob())).isEqualTo("tomorrow");
    }

    @Test
    void requestThatExceedsACeilingIsDeniedWithoutARetryTime() {
        open(new Ceilings(Optional.empty(), Map.of("seo", usd("0.000001"))));
        AnalysisRequest patient = request("ann", "a");
        patient.setWhenOverBudget(WhenOverBudget.WAIT);

        admission.send(patient);

        DeadLetter letter = onlyLetter();
        assertThat(letter.getRetryAt()).isNull();
        assertThat(letter.getMessage()).asString().contains("never fits", "budgets.analyses.seo");
    }

    @Test
    void ceilingOfAnAnalysisLimitsIt() {
        open(new Ceilings(Optional.empty(), Map.of("seo", usd("1"))));
        admission.send(request("ann", "a"));
        admission.worker.settle(onlyJob(), "1", "0");

        admission.send(request("bob", "b"));

        assertThat(onlyLetter().getMessage()).asString().contains("for seo");
    }

    @Test
    void lateCallCountsForItsAnalysis() {
        open(new Ceilings(Optional.of(usd("9")), Map.of("seo", usd("1"))));
        admission.send(request("ann", "a"));
        Job job = onlyJob();
        admission.worker.settle(job, "0", "0");
        admission.worker.late(job, "1");

        admission.send(request("bob", "b"));

        assertThat(onlyLetter().getMessage()).asString().contains("for seo");
    }

    @Test
    void requestWaitsForReservationsOfOtherUsers() {
        open(new Ceilings(Optional.of(usd("0.04")), Map.of()));
        for (int i = 0; i < 20; i++) {
            admission.send(request("user-" + i, "r" + i));
        }
        List<Job> first = admission.jobs();
        assertThat(first.size()).isBetween(2, 19);
        assertThat(caps(first)).isLessThanOrEqualTo(usd("0.04"));
        assertThat(admission.deadLetters()).isEmpty();

        first.forEach(job -> admission.worker.settle(job, "0.0001", "0"));
        admission.pass(A_WHILE);

        assertThat(admission.jobs()).isNotEmpty();
    }

    @Test
    void bookingsOfOtherTasksCount() {
        open(new Ceilings(Optional.of(usd("1")), Map.of()));
        admission.publishTotal(published(7, LocalDate.of(2026, 11, 23), usd("0.9999"), Cost.ZERO));
        admission.pass(A_WHILE);

        admission.send(request("ann", "a"));

        assertThat(onlyLetter().getReason()).isEqualTo(Reason.BUDGET_EXCEEDED);
    }

    @Test
    void totalsArePublishedAndLaterDeleted() {
        open(new Ceilings(Optional.of(usd("1")), Map.of("seo", usd("1"))));
        admission.send(request("ann", "a"));
        admission.pass(A_WHILE);
        assertThat(admission.records(TOPICS.totals())).hasSize(2);
        admission.worker.settle(onlyJob(), "0.1", "0");
        admission.pass(A_WHILE);
        assertThat(admission.records(TOPICS.totals())).hasSize(2);

        admission.pass(Duration.ofDays(2));

        assertThat(admission.records(TOPICS.totals()))
                .hasSize(2)
                .allSatisfy(record -> assertThat(record.value()).isNull());
    }

    private static TestRecord<byte[], byte[]> published(
            int task, LocalDate day, Cost consumed, Cost reserved) {
        byte[] key =
                ByteBuffer.allocate(2 * Integer.BYTES)
                        .putInt(task)
                        .putInt((int) day.toEpochDay())
                        .array();
        byte[] value =
                ByteBuffer.allocate(2 * Long.BYTES)
                        .putLong(consumed.usd().unscaledValue().longValueExact())
                        .putLong(reserved.usd().unscaledValue().longValueExact())
                        .array();
        return new TestRecord<>(key, value);
    }

    private static Cost caps(List<Job> jobs) {
        return jobs.stream()
                .map(job -> new Cost(job.reservation().getCap()))
                .reduce(Cost.ZERO, Cost::plus);
    }

    private static Cost usd(String usd) {
        return new Cost(new BigDecimal(usd));
    }

    private Job onlyJob() {
        List<Job> jobs = admission.jobs();
        assertThat(jobs).hasSize(1);
        return jobs.getFirst();
    }

    private DeadLetter onlyLetter() {
        List<DeadLetter> letters = admission.deadLetters();
        assertThat(letters).hasSize(1);
        return letters.getFirst();
    }

    private static String id(Job job) {
        return job.request().getRequestId().toString();
    }
}
