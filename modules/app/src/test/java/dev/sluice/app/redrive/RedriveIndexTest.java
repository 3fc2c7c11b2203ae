package dev.sluice.app.redrive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.letters.LetterFilter;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Stage;
import dev.sluice.runtime.kafka.TopicRange;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RedriveIndexTest {
    private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

    private int offset;

    @Test
    void newestLetterOfEachUsersRequestCounts() {
        RedriveIndex index = index(Set.of(), Optional.empty());
        index.add(stored("ann", "r", 1, Reason.INVALID_OUTPUT, 20));
        index.add(stored("ann", "r", 0, Reason.INVALID_OUTPUT, 10));
        index.add(stored("bob", "r", 0, Reason.INVALID_OUTPUT, 5));

        assertThat(index.meant())
                .extracting(candidate -> candidate.identity().userId(), Candidate::generation)
                .containsExactly(tuple("bob", 0), tuple("ann", 1));
    }

    @Test
    void requestWhoseNewestLetterIsNotMeantIsLeftOut() {
        RedriveIndex byReason = index(Set.of(Reason.INVALID_OUTPUT), Optional.empty());
        byReason.add(stored("ann", "r", 0, Reason.INVALID_OUTPUT, 10));
        byReason.add(stored("ann", "r", 1, Reason.REFUSED_BY_MODEL, 20));
        assertThat(byReason.meant()).isEmpty();

        RedriveIndex byTime = index(Set.of(), Optional.of(NOON.plusSeconds(15)));
        byTime.add(stored("ann", "r", 0, Reason.INVALID_OUTPUT, 10));
        byTime.add(stored("ann", "r", 1, Reason.INVALID_OUTPUT, 20));
        assertThat(byTime.meant()).isEmpty();
    }

    @Test
    void idsAreReadFromTheRequestOfALetterWithoutThem() {
        RedriveIndex index =
                new RedriveIndex(
                        filter(Set.of(), Optional.empty()),
                        letter ->
                                letter.getReason() == Reason.UNDECODABLE
                                        ? Optional.of(new RequestIdentity("ann", "r"))
                                        : Optional.empty(),
                        false);
        index.add(stored(null, null, 0, Reason.UNDECODABLE, 1));
        index.add(stored(null, null, 0, Reason.INVALID_REQUEST, 2));

        assertThat(index.meant())
                .extracting(Candidate::identity)
                .containsExactly(new RequestIdentity("ann", "r"));
        assertThat(index.unreadable()).isEqualTo(1);
    }

    @Test
    void resultOfALaterGenerationOrTimeAnswersALetter() {
        RedriveIndex index = index(Set.of(), Optional.empty());
        index.add(stored("ann", "r", 1, Reason.INVALID_OUTPUT, 10));
        Candidate candidate = index.meant().getFirst();

        assertThat(candidate.isAnsweredBy(2, NOON)).isTrue();
        assertThat(candidate.isAnsweredBy(1, NOON.plusSeconds(11))).isTrue();
        assertThat(candidate.isAnsweredBy(0, NOON.plusSeconds(11))).isTrue();
        assertThat(candidate.isAnsweredBy(1, NOON.plusSeconds(9))).isFalse();
    }

    @Test
    void costIsThatOfAnInvalidAnswerAndNotOfOtherEnds() {
        RedriveIndex index = index(Set.of(), Optional.empty());
        index.add(stored("ann", "a", 0, Reason.INVALID_OUTPUT, 1));
        index.add(stored("ann", "b", 0, Reason.REFUSED_BY_MODEL, 1));

        assertThat(index.costOfInvalidAnswer("seo").orElseThrow()).isEqualByComparingTo("0.25");
        assertThat(index.costOfInvalidAnswer("other")).isEmpty();
    }

    @Test
    void whatAdmissionDeniedHasCostNothing() {
        RedriveIndex index = index(Set.of(), Optional.empty());
        StoredLetter denied = stored("ann", "a", 1, Reason.RATE_EXCEEDED, 1);
        denied.letter().setStage(Stage.ADMISSION);
        index.add(denied);
        StoredLetter shared = stored("ann", "b", 1, Reason.INVALID_OUTPUT, 2);
        shared.letter().setStage(Stage.ADMISSION);
        shared.letter().setPaidBy("a");
        index.add(shared);

        assertThat(index.meant()).extracting(Candidate::wasFree).containsExactly(true, false);
        assertThat(index.meant()).extracting(Candidate::isShared).containsExactly(false, true);
    }

    @Test
    void answersAreFoundThoughALaterGenerationEndedWithoutAny() {
        RedriveIndex index =
                new RedriveIndex(
                        filter(Set.of(Reason.INVALID_OUTPUT), Optional.empty()),
                        _ -> Optional.empty(),
                        true);
        StoredLetter answered = stored("ann", "r", 0, Reason.INVALID_OUTPUT, 10);
        answered.letter().setRawAnswers(List.of("{}"));
        index.add(answered);
        index.add(stored("ann", "r", 1, Reason.BUDGET_EXCEEDED, 20));
        StoredLetter hashed = stored("bob", "r", 0, Reason.INVALID_OUTPUT, 10);
        hashed.letter().setRawAnswers(List.of("sha256:" + "0".repeat(64) + ", 2 bytes"));
        index.add(hashed);

        assertThat(index.meant())
                .extracting(
                        candidate -> candidate.identity().userId(),
                        Candidate::generation,
                        Candidate::place,
                        Candidate::hasAnswers)
                .containsExactlyInAnyOrder(
                        tuple("ann", 1, answered.place(), true),
                        tuple("bob", 0, hashed.place(), false));
    }

    private static RedriveIndex index(Set<Reason> reasons, Optional<Instant> until) {
        return new RedriveIndex(filter(reasons, until), _ -> Optional.empty(), false);
    }

    private static LetterFilter filter(Set<Reason> reasons, Optional<Instant> until) {
        return new LetterFilter(
                new TopicRange(NOON, until, Map.of()),
                reasons,
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private StoredLetter stored(
            String user, String request, int generation, Reason reason, int seconds) {
        Instant time = NOON.plusSeconds(seconds);
        return new StoredLetter(
                0,
                offset++,
                time,
                List.of(),
                DeadLetter.newBuilder()
                        .setUserId(user)
                        .setRequestId(request)
                        .setGeneration(generation)
                        .setAnalysis("seo")
                        .setKind(DeadLetterKind.FAILED)
                        .setReason(reason)
                        .setStage(Stage.WORKER)
                        .setCalls(2)
                        .setCostUsd(new BigDecimal("0.500000000"))
                        .setFailedAt(time)
                        .build());
    }
}
