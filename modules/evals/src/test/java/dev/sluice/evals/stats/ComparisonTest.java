package dev.sluice.evals.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.evals.stats.Comparison.Pair;
import dev.sluice.evals.stats.Comparison.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    @Test
    void withOneRepeatItIsMcNemarsExactTest() {
        List<Pair> pairs = new ArrayList<>();
        pairs.addAll(Collections.nCopies(50, pair(1, 1, 1)));
        pairs.addAll(Collections.nCopies(9, pair(1, 0, 1)));
        pairs.addAll(Collections.nCopies(2, pair(0, 1, 1)));
        Comparison comparison = Comparison.of(pairs);

        // Of 11 cases that changed, at most 2 became better.
        double expected = BinomialDistribution.of(11, 0.5).cumulativeProbability(2);
        assertThat(comparison.pWorse()).isCloseTo(expected, within(1e-9));
        assertThat(comparison.difference()).isCloseTo(-7 / 61.0, within(1e-9));
        assertThat(comparison.isWorse(1)).isTrue();
        assertThat(comparison.verdict(1)).isEqualTo(Verdict.CANNOT_TELL);
    }

    @Test
    void largeDifferenceIsTold() {
        List<Pair> worse = Collections.nCopies(15, pair(5, 2, 5));
        List<Pair> better = Collections.nCopies(15, pair(2, 5, 5));

        assertThat(Comparison.of(worse).verdict(1)).isEqualTo(Verdict.WORSE);
        assertThat(Comparison.of(better).verdict(1)).isEqualTo(Verdict.BETTER);
        assertThat(Comparison.of(better).isWorse(1)).isFalse();
    }

    @Test
    void sameRateIsNoDifference() {
        Comparison comparison = Comparison.of(Collections.nCopies(15, pair(3, 3, 5)));

        assertThat(comparison.difference()).isZero();
        assertThat(comparison.verdict(1)).isEqualTo(Verdict.CANNOT_TELL);
        assertThat(Comparison.repeatsToTell(Collections.nCopies(15, pair(3, 3, 5)))).isEmpty();
    }

    @Test
    void repeatsOfBothSidesMayDiffer() {
        Pair pair = new Pair(new Tally(10, 10), new Tally(0, 3));

        assertThat(Comparison.of(List.of(pair)).pWorse()).isCloseTo(1 / 286.0, within(1e-9));
    }

    /** Releases that change nothing: the same cases, each with a rate of its own. */
    @Test
    void thousandReleasesWithinChanceRaiseNoMoreFalseAlarmsThanClaimed() {
        Random random = new Random(11);
        int alarms = 0;
        for (int release = 0; release < 1_000; release++) {
            alarms += release(random, 0).isWorse(1) ? 1 : 0;
        }
        // 5 % of 1,000, and three standard deviations of chance.
        assertThat(alarms).isLessThanOrEqualTo(71);
    }

    @Test
    void releasesThatAreMuchWorseAreFound() {
        Random random = new Random(13);
        int alarms = 0;
        for (int release = 0; release < 1_000; release++) {
            alarms += release(random, 0.3).isWorse(1) ? 1 : 0;
        }
        assertThat(alarms).isGreaterThan(950);
    }

    @Test
    void soManyRepeatsWouldTell() {
        List<Pair> small = new ArrayList<>(Collections.nCopies(10, pair(5, 4, 5)));
        small.addAll(Collections.nCopies(10, pair(4, 4, 5)));
        int repeats = Comparison.repeatsToTell(small).orElseThrow();

        assertThat(Comparison.of(small).verdict(1)).isEqualTo(Verdict.CANNOT_TELL);
        assertThat(repeats).isBetween(8, 20);
        Random random = new Random(17);
        int told = 0;
        for (int trial = 0; trial < 500; trial++) {
            List<Pair> pairs = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                pairs.add(new Pair(tally(random, 0.9, repeats), tally(random, 0.8, repeats)));
            }
            told += Comparison.of(pairs).verdict(1) == Verdict.WORSE ? 1 : 0;
        }
        assertThat(told / 500.0).isBetween(0.7, 0.9);
    }

    private static Comparison release(Random random, double drop) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            double own = 0.5 + 0.5 * i / 14;
            pairs.add(new Pair(tally(random, own, 5), tally(random, own - drop, 5)));
        }
        return Comparison.of(pairs);
    }

    private static Tally tally(Random random, double rate, int repeats) {
        int passes = 0;
        for (int i = 0; i < repeats; i++) {
            passes += random.nextDouble() < rate ? 1 : 0;
        }
        return new Tally(passes, repeats);
    }

    private static Pair pair(int before, int after, int repeats) {
        return new Pair(new Tally(before, repeats), new Tally(after, repeats));
    }
}
