package dev.sluice.evals.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequentialTestTest {
    private static final int TRIALS = 1_000;
    private static final int LOOKS = 10_000;

    /** One look after each request, at a canary that fails as often as the version beside it. */
    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.1, 0.5})
    void equalCanaryIsStoppedInAtMostOneOfTwentyCasesHoweverOftenOneLooks(double share) {
        Random random = new Random(19);
        int stopped = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            stopped += run(random, share, 0.1, 0.1, LOOKS).isWorse() ? 1 : 0;
        }
        // 5 % of 1,000, and three standard deviations of chance.
        assertThat(stopped).isLessThanOrEqualTo(71);
    }

    /** Rates that change over time, for both. */
    @Test
    void badHourOfTheProviderStopsNoCanary() {
        Random random = new Random(23);
        int stopped = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            SequentialTest test = new SequentialTest(0.1);
            for (int look = 0; look < LOOKS; look++) {
                boolean isBad = look / 500 % 5 == 4;
                if (random.nextDouble() < (isBad ? 0.6 : 0.02)) {
                    test.failed(random.nextDouble() < 0.1);
                }
            }
            stopped += test.isWorse() ? 1 : 0;
        }
        assertThat(stopped).isLessThanOrEqualTo(71);
    }

    @Test
    void canaryThatIsFivePointsWorseIsStopped() {
        Random random = new Random(29);
        int stopped = 0;
        for (int trial = 0; trial < 200; trial++) {
            stopped += run(random, 0.1, 0.05, 0.1, LOOKS).isWorse() ? 1 : 0;
        }
        assertThat(stopped / 200.0).isGreaterThan(0.95);
    }

    @Test
    void canaryThatNeverFailsHasWon() {
        SequentialTest test = run(new Random(31), 0.5, 0.1, 0, 1_000);

        assertThat(test.isBetter()).isTrue();
        assertThat(test.isWorse()).isFalse();
        assertThat(test.failuresOfCanary()).isZero();
    }

    @Test
    void verdictStays() {
        SequentialTest test = new SequentialTest(0.1);
        for (int i = 0; i < 10; i++) {
            test.failed(true);
        }
        assertThat(test.isWorse()).isTrue();
        for (int i = 0; i < 10_000; i++) {
            test.failed(false);
        }
        assertThat(test.isWorse()).isTrue();
        assertThat(test.pWorse()).isLessThan(0.05);
        assertThat(test.failures()).isEqualTo(10_010);
    }

    @Test
    void shareMustLeaveSomethingToBoth() {
        assertThatThrownBy(() -> new SequentialTest(1)).hasMessageContaining("between 0 and 1");
        assertThatThrownBy(() -> new SequentialTest(0)).hasMessageContaining("between 0 and 1");
    }

    private static SequentialTest run(
            Random random, double share, double failing, double canaryFailing, int requests) {
        SequentialTest test = new SequentialTest(share);
        for (int i = 0; i < requests; i++) {
            boolean isCanary = random.nextDouble() < share;
            if (random.nextDouble() < (isCanary ? canaryFailing : failing)) {
                test.failed(isCanary);
            }
        }
        return test;
    }
}
