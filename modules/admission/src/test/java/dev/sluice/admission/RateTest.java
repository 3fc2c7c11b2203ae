package dev.sluice.admission;

import static dev.sluice.admission.AdmissionDriver.MAX_WAITING;
import static dev.sluice.admission.AdmissionDriver.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reason;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.runtime.job.Job;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Limits of requests per hour, and priorities of jobs, through the topology. */
class RateTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration A_WHILE = Duration.ofMillis(100);

    @RegisterExtension private final AdmissionDriver admission = new AdmissionDriver(NOON);

    @BeforeEach
    void start() {
        open(new Rates(3, Map.of("service", 1_000)), 1_000);
    }

    private void open(Rates rates, int maxInteractive) {
        admission.open(
                PriceTable.shipped(),
                new UserLimits(
                        Budgets.ofEach(1_000), Ceilings.NONE, rates, MAX_WAITING, maxInteractive),
                1);
    }

    @Test
    void requestBeyondTheRateIsDeniedWithARetryTime() {
        send("ann", 0, 3);
        admission.send(request("ann", "too many"));
        admission.send(request("bob", "his"));

        assertThat(ids(admission.jobs())).containsExactly("r0", "r1", "r2", "his");
        List<DeadLetter> letters = admission.deadLetters();
        assertThat(letters).hasSize(1);
        assertThat(letters.getFirst().getReason()).isEqualTo(Reason.RATE_EXCEEDED);
        assertThat(letters.getFirst().getRetryAt()).isEqualTo("2026-11-23T13:01:00Z");

        admission.pass(Duration.ofMinutes(61));
        admission.send(request("ann", "again"));
        assertThat(ids(admission.jobs())).containsExactly("again");
    }

    @Test
    void deniedRequestsDoNotCount() {
        send("ann", 0, 20);
        admission.pass(Duration.ofMinutes(61));

        send("ann", 20, 23);

        assertThat(admission.jobs()).hasSize(6);
    }

    @Test
    void configuredRateOfAUserApplies() {
        send("service", 0, 500);

        assertThat(admission.jobs()).hasSize(500);
    }

    @Test
    void bulkAndPatientRequestsWaitInOrder() {
        send("ann", 0, 3);
        AnalysisRequest bulk = request("ann", "bulk");
        bulk.setPriority(Priority.BULK);
        admission.send(bulk);
        AnalysisRequest patient = request("ann", "patient");
        patient.setWhenOverBudget(WhenOverBudget.WAIT);
        admission.send(patient);
        assertThat(admission.jobs()).hasSize(3);
        admission.pass(Duration.ofMinutes(60));
        assertThat(admission.jobs()).isEmpty();
        assertThat(admission.bulkJobs()).isEmpty();

        admission.pass(Duration.ofMinutes(1));
        admission.pass(A_WHILE);

        assertThat(ids(admission.bulkJobs())).containsExactly("bulk");
        assertThat(ids(admission.jobs())).containsExactly("patient");
        assertThat(admission.deadLetters()).isEmpty();
    }

    @Test
    void waitingRequestsAreAdmittedAtTheRate() {
        for (int i = 0; i < 10; i++) {
            AnalysisRequest bulk = request("ann", "b" + i);
            bulk.setPriority(Priority.BULK);
            admission.send(bulk);
        }
        assertThat(admission.bulkJobs()).hasSize(3);

        for (int hour = 0; hour < 3; hour++) {
            admission.pass(Duration.ofMinutes(61));
            admission.pass(A_WHILE);
        }

        assertThat(ids(admission.bulkJobs()))
                .containsExactly("b3", "b4", "b5", "b6", "b7", "b8", "b9");
    }

    @Test
    void requestsBeyondMaxWaitingAreDenied() {
        for (int i = 0; i < 3 + MAX_WAITING + 2; i++) {
            AnalysisRequest bulk = request("ann", "b" + i);
            bulk.setPriority(Priority.BULK);
            admission.send(bulk);
        }

        assertThat(admission.deadLetters())
                .extracting(DeadLetter::getReason)
                .containsExactly(Reason.RATE_EXCEEDED, Reason.RATE_EXCEEDED);
    }

    @Test
    void redriveIsNotCountedAgain() {
        send("ann", 0, 3);

        redrive("r0", 1);

        assertThat(admission.jobs()).hasSize(4);
    }

    @Test
    void redriveOfAnUncountedRequestCounts() {
        for (int i = 0; i < 10; i++) {
            redrive("never seen " + i, 1);
        }

        assertThat(admission.jobs()).hasSize(3);
        assertThat(admission.deadLetters())
                .hasSize(7)
                .allMatch(letter -> letter.getReason() == Reason.RATE_EXCEEDED);
    }

    @Test
    void redriveOfAnUncountedRedriveCounts() {
        send("ann", 0, 2);
        for (int generation = 1; generation < 10; generation++) {
            redrive("r0", generation);
        }

        assertThat(admission.jobs())
                .as("two requests, one more that counts, and a redrive of each but the last")
                .hasSizeBetween(3, 6);
        assertThat(admission.deadLetters()).isNotEmpty();
    }

    @Test
    void redriveOfARequestDeniedForTheRateCounts() {
        send("ann", 0, 4);
        redrive("r3", 1);

        assertThat(admission.jobs()).hasSize(3);
        assertThat(admission.deadLetters()).hasSize(2);
    }

    @Test
    void deniedRequestPassesOnceAtItsRetryTime() {
        send("ann", 0, 3);
        AnalysisRequest many = request("ann", "too many");
        many.setDeadline(NOON.plus(Duration.ofDays(3)));
        admission.send(many);
        assertThat(admission.jobs()).hasSize(3);
        Instant retryAt = admission.deadLetters().getFirst().getRetryAt();

        admission.pass(Duration.between(NOON, retryAt).minusSeconds(1));
        admission.send(many);
        assertThat(admission.jobs()).isEmpty();
        assertThat(admission.deadLetters()).isEmpty();

        admission.pass(Duration.ofSeconds(1));
        admission.send(many);
        admission.send(many);

        assertThat(ids(admission.jobs())).containsExactly("too many");
        assertThat(admission.deadLetters()).isEmpty();
    }

    @Test
    void secondDenialHasALaterRetryTime() {
        send("ann", 0, 3);
        AnalysisRequest many = request("ann", "too many");
        admission.send(many);
        Instant first = admission.deadLetters().getFirst().getRetryAt();
        admission.pass(Duration.between(NOON, first));
        for (int i = 10; i < 13; i++) {
            admission.send(request("ann", "other" + i));
        }
        admission.send(many);
        admission.send(many);

        List<DeadLetter> letters = admission.deadLetters();
        assertThat(letters).hasSize(1);
        assertThat(letters.getFirst().getRetryAt()).isAfter(first);
    }

    private void redrive(String id, int generation) {
        RecordHeaders headers = new RecordHeaders();
        headers.add(
                HeaderNames.GENERATION,
                String.valueOf(generation).getBytes(StandardCharsets.UTF_8));
        admission.send(new TestRecord<>(null, admission.bytes(request("ann", id)), headers, NOON));
    }

    @Test
    void jobsBeyondMaxInteractiveAreBulk() {
        open(Rates.ofEach(1_000), 2);
        send("ann", 0, 5);
        admission.send(request("bob", "his"));

        List<Job> urgent = admission.jobs();
        assertThat(ids(urgent)).containsExactly("r0", "r1", "his");
        assertThat(ids(admission.bulkJobs())).containsExactly("r2", "r3", "r4");

        for (int i = 0; i < 2; i++) {
            admission.worker.settle(urgent.get(i), "0.1", "0");
        }
        admission.send(request("ann", "still many"));
        assertThat(ids(admission.bulkJobs())).containsExactly("still many");
    }

    private void send(String user, int from, int to) {
        for (int i = from; i < to; i++) {
            admission.send(request(user, "r" + i));
        }
    }

    private static List<String> ids(List<Job> jobs) {
        return jobs.stream().map(job -> job.request().getRequestId().toString()).toList();
    }
}
