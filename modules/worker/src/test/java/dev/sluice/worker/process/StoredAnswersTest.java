package dev.sluice.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Reservation;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.serde.TrustedRecords;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which dead letters a job may have judged again: each difference alone is enough for no. */
class StoredAnswersTest {
    static {
        TrustedRecords.install();
    }

    private static final SourceRecord SOURCE = source(1);

    @Test
    void deadLetterOfTheRequestIsTaken() {
        assertThat(isOf(_ -> {})).isTrue();
        assertThat(isOf(letter -> letter.setOriginal(DeadLetterWriter.reference(SOURCE)))).isTrue();
    }

    @Test
    void deadLetterOfAnotherRequestIsNot() {
        assertThat(isOf(letter -> letter.setRequestId("other"))).isFalse();
        assertThat(isOf(letter -> letter.setRequestId(null))).isFalse();
        assertThat(isOf(letter -> letter.setUserId("eve"))).isFalse();
        assertThat(isOf(letter -> letter.setAnalysis("other"))).isFalse();
        assertThat(isOf(letter -> letter.setOriginal(source(2)))).isFalse();
        assertThat(isOf(letter -> letter.setOriginal(DeadLetterWriter.reference(source(2)))))
                .isFalse();
        assertThat(isOf(letter -> letter.setOriginal(null))).isFalse();
    }

    @Test
    void deadLetterOfThisOrALaterGenerationOrAnotherReasonIsNot() {
        assertThat(isOf(letter -> letter.setGeneration(1))).isFalse();
        assertThat(isOf(letter -> letter.setGeneration(2))).isFalse();
        assertThat(isOf(letter -> letter.setReason(Reason.OUTPUT_TRUNCATED))).isFalse();
    }

    private static boolean isOf(Consumer<DeadLetter> change) {
        DeadLetter letter =
                DeadLetter.newBuilder()
                        .setRequestId("r")
                        .setUserId("ann")
                        .setAnalysis("seo")
                        .setReason(Reason.INVALID_OUTPUT)
                        .setRawAnswers(List.of("{}"))
                        .setOriginal(SOURCE)
                        .build();
        change.accept(letter);
        return StoredAnswers.isOf(letter, job());
    }

    private static Job job() {
        return new Job(
                AnalysisJob.newBuilder()
                        .setGeneration(1)
                        .setModel("m")
                        .setReservation(
                                Reservation.newBuilder()
                                        .setReservationId("v")
                                        .setDay(LocalDate.EPOCH)
                                        .setCap(java.math.BigDecimal.ZERO.setScale(9))
                                        .setPrices(List.of())
                                        .build())
                        .setSource(SOURCE)
                        .build(),
                AnalysisRequest.newBuilder()
                        .setRequestId("r")
                        .setUserId("ann")
                        .setAnalysis("seo")
                        .setContent("text")
                        .build());
    }

    private static SourceRecord source(int content) {
        return SourceRecord.newBuilder()
                .setTopic("requests")
                .setPartition(0)
                .setOffset(7)
                .setKey(null)
                .setValue(ByteBuffer.wrap(new byte[] {(byte) content}))
                .setTimestamp(null)
                .setHeaders(List.of())
                .build();
    }
}
