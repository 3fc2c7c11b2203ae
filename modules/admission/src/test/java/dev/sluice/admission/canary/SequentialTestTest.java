package dev.sluice.admission.canary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequentialTestTest {
    private static final int TRIALS = 1_000;
    private static final int LOOKS = 10_000;
    private static final double ERROR = 0.025;

    /** 2.5 % of 1,000, and three standard deviations of chance. */
    private static final int MOST_STOPS = 40;

    /** A canary and the version beside it, looked at after each failure. */
    private static final class Looked {
        private final SequentialTest test;
        private final double share;
        private final Random random;
        private long failures;
        private long ofCanary;
        private boolean wasWorse;

        Looked(double share, Random random) {
            this.test = new SequentialTest(share, ERROR);
            this.share = share;
            this.random = random;
        }

        void request(double failing, double canaryFailing) {
            boolean isCanary = random.nextDouble() < share;
            if (random.nextDouble() < (isCanary ? canaryFailing : failing)) {
                failures++;
                ofCanary += isCanary ? 1 : 0;
                wasWorse |= test.isWorse(failures, ofCanary);
            }
        }

        Looked requests(int number, double failing, double canaryFailing) {
            for (int i = 0; i < number; i++) {
                request(failing, canaryFailing);
            }
            return this;
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.1, 0.5})
    void equalCanaryIsSeldomStoppedHoweverOftenOneLooks(double share) {
        Random random = new Random(19);
        int stopped = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            stopped += new Looked(share, random).requests(LOOKS, 0.1, 0.1).wasWorse ? 1 : 0;
        }
        assertThat(stopped).isLessThanOrEqualTo(MOST_STOPS);
    }

    /** Rates that change over time, for both. */
    @Test
    void badHourOfTheProviderStopsNoCanary() {
        Random random = new Random(23);
        int stopped = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            Looked looked = new Looked(0.1, random);
            for (int look = 0; look < LOOKS; look++) {
                double rate = look / 500 % 5 == 4 ? 0.6 : 0.02;
                looked.request(rate, rate);
            }
            stopped += looked.wasWorse ? 1 : 0;
        }
        assertThat(stopped).isLessThanOrEqualTo(MOST_STOPS);
    }

    @Test
    void canaryThatIsFivePointsWorseIsStopped() {
        Random random = new Random(29);
        int stopped = 0;
        for (int trial = 0; trial < 200; trial++) {
            stopped += new Looked(0.1, random).requests(LOOKS, 0.05, 0.1).wasWorse ? 1 : 0;
        }
        assertThat(stopped / 200.0).isGreaterThan(0.95);
    }

    @Test
    void canaryThatNeverFailsIsBetter() {
        Looked looked = new Looked(0.5, new Random(31)).requests(1_000, 0.1, 0);

        assertThat(looked.test.isBetter(looked.failures, looked.ofCanary)).isTrue();
        assertThat(looked.wasWorse).isFalse();
        assertThat(looked.ofCanary).isZero();
    }

    /** The true factor is outside of the bounds in at most 2.5 % of the trials on each side. */
    @Test
    void factorIsSeldomOutsideOfItsBounds() {
        Random random = new Random(37);
        int below = 0;
        int above = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            Looked looked = new Looked(0.2, random).requests(1_000, 0.1, 0.15);
            SequentialTest.Factor factor = looked.test.factor(looked.failures, looked.ofCanary);
            assertThat(factor.least()).isLessThan(factor.most());
            below += factor.most() < 1.5 ? 1 : 0;
            above += factor.least() > 1.5 ? 1 : 0;
        }
        assertThat(below).isLessThanOrEqualTo(MOST_STOPS);
        assertThat(above).isLessThanOrEqualTo(MOST_STOPS);
    }

    @Test
    void boundsOfTheFactorAreWhereTheTestBeginsToTellTheVersionsApart() {
        SequentialTest test = new SequentialTest(0.5, ERROR);
        SequentialTest.Factor factor = test.factor(100, 70);

        assertThat(test.isWorse(100, 70)).isEqualTo(factor.least() > 1);
        // 70 failures beside 30 are 2.3 times as many.
        assertThat(factor.least()).isBetween(1.0, 1.6);
        assertThat(factor.most()).isBetween(3.5, 5.5);
    }

    @Test
    void withoutFailuresNothingIsRuledOut() {
        SequentialTest.Factor factor = new SequentialTest(0.1, ERROR).factor(0, 0);

        assertThat(factor.least()).isZero();
        assertThat(factor.most()).isInfinite();
    }

    @Test
    void shareMustLeaveSomethingToBoth() {
        assertThatThrownBy(() -> new SequentialTest(1, ERROR))
                .hasMessageContaining("between 0 and 1");
        assertThatThrownBy(() -> new SequentialTest(0, ERROR))
                .hasMessageContaining("between 0 and 1");
    }
}
