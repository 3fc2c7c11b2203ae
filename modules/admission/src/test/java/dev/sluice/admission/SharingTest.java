package dev.sluice.admission;

import static dev.sluice.admission.AdmissionDriver.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reason;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.Spend;
import dev.sluice.runtime.job.Job;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Outcomes shared between identical requests, through the topology. */
class SharingTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration A_WHILE = Duration.ofMillis(100);

    @RegisterExtension
    private final AdmissionDriver admission = AdmissionDriver.open(NOON, Budgets.ofEach(5));

    @Test
    void identicalRequestWaitsForTheRunningJobsResult() {
        admission.send(identical("first"));
        AnalysisRequest second = identical("second");
        second.setAttributes(Map.of("tenant", "t"));
        second.setRunId("run");
        second.setSubmittedAt(NOON);
        admission.send(second);
        Job job = onlyJob();
        assertThat(admission.results()).isEmpty();

        admission.worker.answer(job, "0.25", "fine");
        admission.pass(A_WHILE);

        GenericRecord result = onlyResult();
        assertThat(result.get("requestId")).hasToString("second");
        assertThat(result.get("paidBy")).hasToString("first");
        assertThat(result.get("output")).hasToString("fine");
        assertThat(result.get("responseId")).hasToString("response-1");
        assertThat(result.get("attributes").toString()).contains("tenant");
        assertThat(result.get("runId")).hasToString("run");
        assertThat(result.get("costUsd")).hasToString("0E-9");
        assertThat(result.get("calls")).isEqualTo(0);
        assertThat(admission.jobs()).isEmpty();
        assertThat(admission.spends()).extracting(Spend::getSpentUsd).hasSize(1);
    }

    @Test
    void resultIsSharedForOneHour() {
        admission.send(identical("first"));
        admission.worker.answer(onlyJob(), "0.25", "fine");

        admission.pass(Duration.ofMinutes(59));
        admission.send(identical("in time"));
        assertThat(onlyResult().get("requestId")).hasToString("in time");

        admission.pass(Duration.ofMinutes(1));
        admission.send(identical("too late"));
        assertThat(admission.results()).isEmpty();
        assertThat(id(onlyJob())).isEqualTo("too late");
    }

    @Test
    void otherUsersOtherContentAndBypassGetTheirOwnJobs() {
        admission.send(identical("first"));
        AnalysisRequest ofBob = identical("of bob");
        ofBob.setUserId("bob");
        AnalysisRequest other = identical("other");
        other.setContent("<title>Another</title>");
        AnalysisRequest fresh = identical("fresh");
        fresh.setCache(CacheUse.BYPASS);
        List.of(ofBob, other, fresh).forEach(admission::send);

        List<Job> jobs = admission.jobs();

        assertThat(jobs)
                .extracting(SharingTest::id)
                .containsExactly("first", "of bob", "other", "fresh");
        assertThat(jobs.get(3).contentKey()).isNull();
    }

    @Test
    void failureIsSharedOnlyWithWaitingRequests() {
        admission.send(identical("first"));
        admission.send(identical("second"));
        Job job = onlyJob();

        admission.worker.fail(job, "0.25", Reason.INVALID_OUTPUT);
        admission.pass(A_WHILE);

        DeadLetter letter = onlyLetter();
        assertThat(letter.getRequestId()).hasToString("second");
        assertThat(letter.getPaidBy()).hasToString("first");
        assertThat(letter.getReason()).isEqualTo(Reason.INVALID_OUTPUT);
        assertThat(letter.getRawAnswers()).hasToString("[garbage]");
        assertThat(letter.getCostUsd()).isEqualByComparingTo("0");
        assertThat(letter.getCalls()).isZero();
        ByteBuffer original = ((SourceRecord) letter.getOriginal()).getValue();
        assertThat(original).isEqualTo(ByteBuffer.wrap(admission.bytes(identical("second"))));

        admission.send(identical("third"));
        assertThat(id(onlyJob())).isEqualTo("third");
    }

    @Test
    void failureIsNotSharedWithRequestsThatComeWhileItIsDrained() {
        admission.send(identical("first"));
        admission.send(identical("second"));
        admission.worker.fail(onlyJob(), "0.25", Reason.INVALID_OUTPUT);

        admission.send(identical("third"));

        assertThat(id(onlyJob())).isEqualTo("third");
        admission.pass(A_WHILE);
        assertThat(admission.deadLetters()).isEmpty();
        assertThat(admission.results()).isEmpty();
    }

    @Test
    void nextWaitingRequestBecomesAJobIfTheFirstEndsForItsOwnReason() {
        admission.send(identical("first"));
        admission.send(identical("second"));
        admission.send(identical("third"));

        admission.worker.end(onlyJob(), "0", Reason.DEADLINE_EXCEEDED);
        admission.pass(A_WHILE);

        Job next = onlyJob();
        assertThat(id(next)).isEqualTo("second");
        admission.worker.answer(next, "0.1", "fine");
        admission.pass(A_WHILE);
        assertThat(onlyResult().get("requestId")).hasToString("third");
    }

    @Test
    void waitingRequestIsDeniedAtItsOwnDeadline() {
        admission.send(identical("first"));
        AnalysisRequest hasty = identical("hasty");
        hasty.setDeadline(NOON.plusSeconds(60));
        admission.send(hasty);
        Job job = onlyJob();

        admission.pass(Duration.ofSeconds(62));

        assertThat(onlyLetter().getReason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
        admission.worker.answer(job, "0.1", "fine");
        admission.pass(A_WHILE);
        assertThat(admission.results()).isEmpty();
    }

    @Test
    void interactiveRequestDoesNotWaitForABulkJob() {
        AnalysisRequest bulk = identical("bulk");
        bulk.setPriority(Priority.BULK);
        admission.send(bulk);
        admission.send(identical("urgent"));
        AnalysisRequest other = identical("other");
        other.setPriority(Priority.BULK);
        admission.send(other);

        assertThat(admission.bulkJobs()).extracting(SharingTest::id).containsExactly("bulk");
        Job urgent = onlyJob();
        assertThat(id(urgent)).isEqualTo("urgent");

        admission.worker.answer(urgent, "0.1", "fine");
        admission.pass(A_WHILE);
        assertThat(onlyResult().get("requestId")).hasToString("other");
    }

    @Test
    void resultsBeyondMaxSharedBytesAreSharedOnlyWithWaitingRequests() {
        String large = "x".repeat(700_000);
        admission.send(identical("first"));
        admission.worker.answer(onlyJob(), "0.1", large);
        AnalysisRequest other = identical("other");
        other.setContent("<title>Another</title>");
        admission.send(other);
        AnalysisRequest waiting = AnalysisRequest.newBuilder(other).setRequestId("waiting").build();
        Job second = onlyJob();
        admission.worker.answer(second, "0.1", large);

        admission.send(waiting);
        assertThat(id(onlyJob())).as("the second result exceeded the bound").isEqualTo("waiting");
        admission.send(identical("cached"));
        assertThat(onlyResult().get("requestId")).hasToString("cached");

        admission.pass(Duration.ofHours(2));
        admission.pass(Duration.ofSeconds(1));
        AnalysisRequest third = AnalysisRequest.newBuilder(other).setRequestId("third").build();
        admission.send(third);
        assertThat(admission.results()).isEmpty();
    }

    @Test
    void storedResultIsSharedAlthoughTheBudgetIsSpent() {
        admission.send(identical("first"));
        admission.worker.answer(onlyJob(), "5", "fine");
        admission.send(request("ann", "another"));
        assertThat(onlyLetter().getReason()).isEqualTo(Reason.BUDGET_EXCEEDED);

        admission.send(identical("second"));

        assertThat(onlyResult().get("requestId")).hasToString("second");
    }

    /** A request of ann with the identical content as all others of this method. */
    private static AnalysisRequest identical(String id) {
        AnalysisRequest request = request("ann", id);
        request.setCache(CacheUse.ALLOW);
        return request;
    }

    private Job onlyJob() {
        return only(admission.jobs());
    }

    private GenericRecord onlyResult() {
        return only(admission.results());
    }

    private DeadLetter onlyLetter() {
        return only(admission.deadLetters());
    }

    private static <T> T only(List<T> all) {
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private static String id(Job job) {
        return job.request().getRequestId().toString();
    }
}
