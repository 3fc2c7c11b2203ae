package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.RefundPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class QuotaTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    @Test
    void tighterQuotaLetsLessThrough() {
        Quota quota = new Quota(60_000, RefundPolicy.UNKNOWN, 1, START);

        quota.usePart(0.9, START);

        assertThat(quota.allowed()).isEqualTo(60_000 * Quota.HEADROOM * 0.9);
        assertThat(quota.wait(1, START.plusSeconds(5))).isZero();
    }

    @Test
    void workerWithoutAShareLetsNothingThroughUntilItHasOne() {
        Quota quota = new Quota(60_000, RefundPolicy.UNKNOWN, 1, START);
        quota.share(0, START);
        assertThat(quota.wait(1, START.plusSeconds(10))).isPositive();

        quota.share(0.5, START.plusSeconds(10));
        assertThat(quota.wait(1, START.plusSeconds(11))).isZero();
        assertThat(quota.allowed()).isEqualTo(30_000 * Quota.HEADROOM);
    }

    /** One of 98.5 units per second. */
    @Test
    void limitThatReplacesAnotherSetsThePace() {
        Quota quota = new Quota(60_000, RefundPolicy.UNKNOWN, 1, START);

        quota.limit(6_000, START);

        assertThat(quota.perMinute()).isEqualTo(6_000);
        assertThat(quota.allowed()).isEqualTo(6_000 * Quota.HEADROOM);
        assertThat(quota.wait(1, START)).isEqualTo(Duration.ofNanos(10_152_285));
    }

    /** One of 492.5 units per second. */
    @Test
    void smallerPartOfTheLimitSlowsThePace() {
        Quota quota = new Quota(60_000, RefundPolicy.UNKNOWN, 1, START);

        quota.usePart(0.5, START);

        assertThat(quota.wait(1, START)).isEqualTo(Duration.ofNanos(2_030_457));
    }

    /** The burst of 15 ms is 14.775 units. */
    @Test
    void unitsGivenBackByACallLargerThanTheBurstAreNotLost() {
        Quota quota = new Quota(60_000, RefundPolicy.UNKNOWN, 1, START);
        Quota.Reservation large = quota.reserve(1_000, START);
        Instant full = START.plusSeconds(60);

        quota.giveBack(large, full);
        Quota.Reservation _ = quota.reserve(1_000, full);

        assertThat(quota.wait(14, full)).isZero();
    }

    /**
     * Units given back fit above the burst up to four of the largest calls, each call forgetting a
     * thousandth of them: 14.775 + 4 * 999 = 4,010.775.
     */
    @Test
    void roomForUnitsGivenBackShrinksWithEachSmallerCall() {
        Quota quota = new Quota(60_000, RefundPolicy.UNKNOWN, 1, START);
        List<Quota.Reservation> large =
                Stream.generate(() -> quota.reserve(1_000, START)).limit(5).toList();
        Quota.Reservation _ = quota.reserve(1, START);
        Instant full = START.plusSeconds(60);

        large.forEach(reservation -> quota.giveBack(reservation, full));

        // 0.775 units are left; the missing 0.225 flow in at 985 per second.
        Quota.Reservation _ = quota.reserve(4_010, full);
        assertThat(quota.wait(1, full)).isEqualTo(Duration.ofNanos(228_427));
    }

    /** The provider's bucket of 60,000 has room for the second call once the first is put back. */
    @Test
    void callThatWasNotSentIsPutBackIntoTheProvidersBucketToo() {
        Quota quota = new Quota(60_000, RefundPolicy.REFUNDS, 1, START);
        Instant then = START.plusSeconds(1);
        report(quota, then, 60_000, 60_000, Optional.empty());
        Quota.Reservation large = quota.reserve(59_000, then);

        quota.giveBack(large, then);

        assertThat(quota.wait(2_000, then.plusMillis(10))).isZero();
    }

    /** Of the burst of 14.775 units 10 are reserved, 14 used and 0.775 left. */
    @Test
    void useBeyondTheReservationIsTakenFromThePace() {
        Quota quota = new Quota(60_000, RefundPolicy.UNKNOWN, 1, START);
        Instant full = START.plusSeconds(1);
        Quota.Reservation reservation = quota.reserve(10, full);

        quota.settle(reservation, 14, full);

        assertThat(quota.wait(1, full)).isEqualTo(Duration.ofNanos(228_427));
    }

    /** One of 985 units per second. */
    @Test
    void unitsSavedUpBeforeARejectionAreNotSentAtOnce() {
        Quota quota = new Quota(60_000, RefundPolicy.UNKNOWN, 1, START);

        quota.throttled(START.plusSeconds(1));

        assertThat(quota.wait(1, START.plusSeconds(1))).isEqualTo(Duration.ofNanos(1_015_229));
    }

    @Test
    void rejectionByAnEmptyBucketEndsRefunds() {
        Quota quota = new Quota(60_000, RefundPolicy.REFUNDS, 1, START);
        report(quota, START, 60_000, 60_000, Optional.empty());
        report(quota, START, 60_000, 0, Optional.empty());
        assertThat(quota.refunds()).isEqualTo(1);

        quota.throttled(START);

        assertThat(quota.refunds()).isZero();
    }

    /** A burst is a twentieth of a window: 9.85 units of one of 2 s, 4.925 of one of 1 s. */
    @Test
    void windowThatTurnsOutShorterHalvesTheBurst() {
        Quota quota = new Quota(6_000, RefundPolicy.UNKNOWN, 1, START);
        Optional<Duration> reset = Optional.of(Duration.ofMillis(500));
        for (int i = 0; i < 5; i++) {
            report(quota, START.plusMillis(500), 100, 100, reset);
        }
        for (int i = 0; i < 5; i++) {
            report(quota, START.plusMillis(2_500), 100, 100, reset);
        }
        report(quota, START.plusMillis(3_500), 100, 100, reset);
        // Takes what was saved up by the longer burst.
        Quota.Reservation _ = quota.reserve(20, START.plusMillis(3_500));
        Instant full = START.plusSeconds(5);

        Quota.Reservation _ = quota.reserve(4, full);

        // 0.925 units are left; the missing 0.075 flow in at 98.5 per second.
        assertThat(quota.wait(1, full)).isEqualTo(Duration.ofNanos(761_422));
    }

    /** A call of one unit and the limit reported with its answer. */
    private static void report(
            Quota quota, Instant at, long limit, long remaining, Optional<Duration> reset) {
        Quota.Reservation reservation = quota.reserve(1, at);
        quota.reported(reservation, new RateLimits.Window(limit, remaining, reset), at);
    }
}
