package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Numbered invariants of a bucket. */
class BucketTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    /** 1. Over any time, at most the inflow, one burst and the last call are taken. */
    @Property
    void noMoreIsTakenThanFlowsIn(
            @ForAll @Size(max = 200) List<@IntRange(max = 5_000) Integer> pausesMillis,
            @ForAll @Size(min = 1, max = 50) List<@IntRange(min = 1, max = 500) Integer> calls) {
        Bucket bucket = new Bucket(6_000, 25, START);
        Instant now = START;
        double taken = 0;
        double largest = 0;
        for (int i = 0; i < pausesMillis.size(); i++) {
            now = now.plusMillis(pausesMillis.get(i));
            int units = calls.get(i % calls.size());
            if (bucket.wait(units, now).isZero()) {
                bucket.take(units, now);
                taken += units;
                largest = Math.max(largest, units);
            }
        }
        double flown = Duration.between(START, now).toMillis() * 0.1;
        assertThat(taken).isLessThanOrEqualTo(flown + 25 + largest + 1e-6);
    }

    /** 2. A caller may take after exactly the returned wait, and not a millisecond earlier. */
    @Property
    void waitIsExact(
            @ForAll @IntRange(min = 1, max = 500) int first,
            @ForAll @IntRange(min = 1, max = 500) int second) {
        Bucket bucket = new Bucket(6_000, 25, START);
        Instant then = START.plus(bucket.wait(first, START));
        bucket.take(first, then);

        Duration wait = bucket.wait(second, then);
        if (wait.toMillis() > 1) {
            assertThat(bucket.wait(second, then.plus(wait).minusMillis(1))).isPositive();
        }
        assertThat(bucket.wait(second, then.plus(wait).plusNanos(1))).isZero();
    }

    /** 3. A call larger than the bucket may take when it is full, and leaves a debt. */
    @Test
    void largeCallGoesIntoDebt() {
        Bucket bucket = new Bucket(6_000, 25, START);
        assertThat(bucket.wait(1_000, START)).isEqualTo(Duration.ofMillis(250));
        Instant full = START.plusMillis(250);
        bucket.take(1_000, full);

        assertThat(bucket.level(full)).isEqualTo(-975);
        assertThat(bucket.wait(25, full)).isEqualTo(Duration.ofSeconds(10));
    }

    /** 4. Setting the clock back adds no units. */
    @Test
    void clockThatStepsBackGivesNothing() {
        Bucket bucket = new Bucket(6_000, 25, START);
        assertThat(bucket.level(START.plusSeconds(1))).isEqualTo(25);
        bucket.take(25, START.plusSeconds(1));

        assertThat(bucket.level(START)).isZero();
        assertThat(bucket.level(START.plusSeconds(1))).isZero();
    }

    @Test
    void unitsBeforeAChangeOfTheRateFlowInAtTheOldRate() {
        Bucket bucket = new Bucket(600, 100, START);

        bucket.rate(6_000, 100, START.plusSeconds(1));

        assertThat(bucket.level(START.plusSeconds(1))).isEqualTo(10);
    }

    @Test
    void emptiedBucketKeepsNothingThatFlowedInBefore() {
        Bucket bucket = new Bucket(600, 100, START);

        bucket.empty(START.plusSeconds(2));

        assertThat(bucket.level(START.plusSeconds(2))).isZero();
        assertThat(bucket.level(START.plusSeconds(3))).isEqualTo(10);
    }

    /** Ten units have flowed in when five are put back, three of them above the bound. */
    @Test
    void unitsPutBackMayLieAboveTheBoundIfThereIsRoom() {
        Bucket bucket = new Bucket(600, 12, START);

        bucket.give(5, 100, START.plusSeconds(1));

        assertThat(bucket.level(START.plusSeconds(1))).isEqualTo(15);
    }

    /** One unit per nanosecond; the tolerated error is one unit of a billion. */
    @Test
    void shortfallWithinTheRoundingErrorCountsAsEnough() {
        Bucket bucket = new Bucket(60e9, 1e9, START);

        assertThat(bucket.wait(1, START)).isZero();
        assertThat(bucket.wait(2, START)).isEqualTo(Duration.ofNanos(2));
    }
}
