package dev.sluice.admission.canary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.store.StateEntries;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.TrialOutcome;
import dev.sluice.contract.Validity;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrialBookTest {
    private static final AnalysisCatalog SHIPPED = AnalysisCatalog.load(Optional.empty());

    private final StateEntries store = new StateEntries(Stores.inMemoryKeyValueStore("x").get());
    private final List<Written> published = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-23T12:00:00Z");

    private record Written(byte[] key, byte @Nullable [] value) {}

    @Test
    void countsOfATrialThatIsOverAreDeletedAfterFiveWeeks() {
        Trial first = trial("aaaaaaaaaaaa", Canary.Unit.REQUEST);
        TrialBook book = book(first);
        book.admitted(new TrialShare(first, true, Optional.empty()), book.cohort());
        TrialBook later = book(trial("bbbbbbbbbbbb", Canary.Unit.REQUEST));
        now = now.plus(Duration.ofHours(2));
        later.exchange(this::publish);
        published.clear();

        now = now.plus(Duration.ofDays(35));
        later = book(trial("bbbbbbbbbbbb", Canary.Unit.REQUEST));
        later.exchange(this::publish);
        assertThat(published).hasSize(1).allMatch(one -> one.value() != null);

        now = now.plus(Duration.ofDays(1));
        published.clear();
        later.exchange(this::publish);
        assertThat(published).hasSize(1).allMatch(one -> one.value() == null);
        assertThat(book(first)).isNotNull();
        assertThat(counts(first)).isEqualTo(TrialCounts.NONE);
    }

    @Test
    void userWhoFailedIsKnownAsLongAsTheTrialIs() {
        Trial first = trial("aaaaaaaaaaaa", Canary.Unit.USER);
        fail(first, "r1");
        fail(first, "r2");
        // Meanwhile another instance has the task, with another configuration.
        var _ = book(trial("bbbbbbbbbbbb", Canary.Unit.USER));
        fail(first, "r3");
        now = now.plusSeconds(10);

        assertThat(counts(first).canary().failed()).isEqualTo(3);
        assertThat(counts(first).canary().failedUnits()).isEqualTo(1);
    }

    @Test
    void userWhoFailedIsForgottenWithTheTrial() {
        Trial first = trial("aaaaaaaaaaaa", Canary.Unit.USER);
        fail(first, "r1");
        now = now.plus(Duration.ofHours(2));
        TrialBook later = book(trial("bbbbbbbbbbbb", Canary.Unit.USER));
        later.exchange(this::publish);
        now = now.plus(Duration.ofDays(36));
        later.exchange(this::publish);
        fail(first, "r2");
        now = now.plusSeconds(10);

        assertThat(counts(first).canary().failedUnits()).isEqualTo(1);
        assertThat(counts(first).canary().failed()).isEqualTo(1);
    }

    /** The same id again gets the same version again. */
    @Test
    void requestThatComesAgainFailsOnce() {
        Trial trial = trial("aaaaaaaaaaaa", Canary.Unit.REQUEST);
        fail(trial, "page-1");
        fail(trial, "page-1");
        fail(trial, "page-2");
        now = now.plusSeconds(10);

        assertThat(counts(trial).canary().failed()).isEqualTo(3);
        assertThat(counts(trial).canary().failedUnits()).isEqualTo(2);
    }

    @Test
    void failuresAreTestedWhenAllJobsOfTheirTimeHaveEnded() {
        Trial trial = trial("aaaaaaaaaaaa", Canary.Unit.REQUEST);
        TrialBook book = book(trial);
        long cohort = book.cohort();
        book.admitted(new TrialShare(trial, false, Optional.empty()), cohort);
        fail(trial, "r1");
        now = now.plus(Duration.ofMinutes(59));

        assertThat(counts(trial).canary().failed()).isEqualTo(1);
        assertThat(counts(trial).canary().failedUnits()).isZero();

        now = now.plus(Duration.ofMinutes(2));

        assertThat(counts(trial).canary().failedUnits()).isEqualTo(1);
        // The other job has not ended within an hour.
        assertThat(counts(trial).current().failedUnits()).isEqualTo(1);
        assertThat(counts(trial).current().failed()).isZero();
    }

    @Test
    void jobOfAWorkerThatDoesNotKnowBothVersionsSaysNothing() {
        Trial trial = trial("aaaaaaaaaaaa", Canary.Unit.REQUEST);
        TrialBook book = book(trial);
        long cohort = book.cohort();
        book.admitted(new TrialShare(trial, true, Optional.empty()), cohort);
        book.ended(settlement(trial, "r1", Validity.UNKNOWN, cohort));
        now = now.plusSeconds(10);

        assertThat(counts(trial).canary().admitted()).isEqualTo(1);
        assertThat(counts(trial).canary().ended()).isZero();
        assertThat(counts(trial).canary().failedUnits()).isZero();
    }

    @Test
    void negativeCountsOfAForeignRecordAreRefused() {
        byte[] value =
                new TrialCounts(
                                TrialState.RUNNING,
                                LocalDate.EPOCH,
                                new VersionCounts(-1, 0, 0, 0, 0, 0, Cost.ZERO, TimeCounts.NONE),
                                VersionCounts.NONE)
                        .bytes();

        assertThat(TrialBook.isPublished(Bytes.wrap(TrialCounts.publishedKey(1, "t")), value))
                .isFalse();
    }

    @Test
    void unchangedCountsArePublishedOnce() {
        Trial trial = trial("aaaaaaaaaaaa", Canary.Unit.REQUEST);
        TrialBook book = book(trial);
        book.admitted(new TrialShare(trial, false, Optional.empty()), book.cohort());
        book.exchange(this::publish);
        book.exchange(this::publish);

        assertThat(published).hasSize(1);
        assertThat(
                        TrialBook.isPublished(
                                Bytes.wrap(published.getFirst().key()),
                                published.getFirst().value()))
                .isTrue();
    }

    @Test
    void outcomesOfUnknownTrialsAreIgnored() {
        Trial trial = trial("aaaaaaaaaaaa", Canary.Unit.REQUEST);
        book(trial)
                .ended(
                        settlement(
                                trial("bbbbbbbbbbbb", Canary.Unit.REQUEST),
                                "r",
                                Validity.FAILED,
                                0));

        assertThat(counts(trial)).isEqualTo(TrialCounts.NONE);
    }

    private void publish(byte[] key, byte @Nullable [] value) {
        published.add(new Written(key, value));
    }

    /** A book that is opened from the store. */
    private TrialBook book(Trial trial) {
        return new TrialBook(
                store,
                Optional.empty(),
                Trials.of(SHIPPED.with(Map.of("seo", trial.canary()))),
                0,
                () -> now);
    }

    private TrialCounts counts(Trial trial) {
        List<TrialCounts> found = new ArrayList<>();
        book(trial)
                .exchange((_, value) ->
                        Optional.ofNullable(value).map(TrialCounts::of).ifPresent(found::add));
        return found.isEmpty() ? TrialCounts.NONE : found.getLast();
    }

    /** A job of the canary is admitted, and fails. */
    private void fail(Trial trial, String requestId) {
        TrialBook book = book(trial);
        long cohort = book.cohort();
        book.admitted(new TrialShare(trial, true, Optional.empty()), cohort);
        book.ended(settlement(trial, requestId, Validity.FAILED, cohort));
    }

    private static Settlement settlement(
            Trial trial, String requestId, Validity validity, long cohort) {
        return Settlement.newBuilder()
                .setReservationId("r")
                .setRequestId(requestId)
                .setUserId("ann")
                .setDay(LocalDate.EPOCH)
                .setSpentUsd(new BigDecimal("0.001").setScale(9))
                .setTrial(
                        TrialOutcome.newBuilder()
                                .setTrial(trial.id())
                                .setCohort(cohort)
                                .setIsCanary(true)
                                .setValidity(validity)
                                .build())
                .build();
    }

    private static Trial trial(String fingerprint, Canary.Unit unit) {
        AnalysisDefinition current = SHIPPED.find("seo").orElseThrow();
        return new Trial(
                current,
                new Canary(
                        new AnalysisDefinition(
                                "seo",
                                fingerprint,
                                current.instructions(),
                                current.models(),
                                current.input(),
                                current.output()),
                        10,
                        unit));
    }
}
