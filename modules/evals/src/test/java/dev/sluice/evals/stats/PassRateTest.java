package dev.sluice.evals.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassRateTest {
    @Test
    void manyCasesOfOneRepeatHaveWilsonsInterval() {
        PassRate rate = PassRate.of(cases(800, 200, 1));

        // Wilson's interval of 800 of 1,000, from a table.
        assertThat(rate.rate()).isEqualTo(0.8);
        assertThat(rate.low()).isCloseTo(0.7741, within(0.0005));
        assertThat(rate.high()).isCloseTo(0.8236, within(0.0005));
    }

    @Test
    void repeatsThatAlwaysAgreeAddNothing() {
        PassRate once = PassRate.of(cases(15, 5, 1));
        PassRate tenTimes = PassRate.of(cases(15, 5, 10));

        assertThat(tenTimes.low()).isCloseTo(once.low(), within(1e-9));
        assertThat(tenTimes.high()).isCloseTo(once.high(), within(1e-9));
    }

    @Test
    void repeatsThatDisagreeNarrowTheInterval() {
        PassRate once = PassRate.of(cases(10, 10, 1));
        List<Tally> disagreeing = new ArrayList<>(Collections.nCopies(10, new Tally(5, 10)));
        disagreeing.addAll(Collections.nCopies(10, new Tally(6, 10)));
        PassRate tenTimes = PassRate.of(disagreeing);

        assertThat(tenTimes.high() - tenTimes.low()).isLessThan(once.high() - once.low());
    }

    @ParameterizedTest
    @CsvSource({"25, 1, 3", "24, 4, 5", "6, 4, 5", "3, 1, 5", "12, 3, 5"})
    void sameRateOfAllCasesIsSeenWhateverFloatingPointMakesOfIt(
            int cases, int passes, int repeats) {
        PassRate rate = PassRate.of(Collections.nCopies(cases, new Tally(passes, repeats)));

        assertThat(rate.effective()).isLessThan(cases);
    }

    @Test
    void allPassingIsNoCertainty() {
        PassRate rate = PassRate.of(cases(15, 0, 5));

        assertThat(rate.rate()).isEqualTo(1);
        assertThat(rate.high()).isEqualTo(1);
        assertThat(rate.low()).isBetween(0.7, 0.85);
        assertThat(PassRate.of(cases(1, 0, 100)).low()).isLessThan(0.25);
        assertThat(PassRate.of(cases(0, 15, 5)).high()).isCloseTo(1 - rate.low(), within(1e-9));
    }

    /** Cases with rates of their own, from a population whose mean is known. */
    @Test
    void intervalHasTheRateOfAllCasesInNineteenOfTwentyEvals() {
        Random random = new Random(7);
        int covered = 0;
        int evals = 4_000;
        for (int eval = 0; eval < evals; eval++) {
            List<Tally> tallies = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                double own = random.nextInt(4) == 0 ? 0.35 : 0.95;
                int passes = 0;
                for (int repeat = 0; repeat < 5; repeat++) {
                    passes += random.nextDouble() < own ? 1 : 0;
                }
                tallies.add(new Tally(passes, 5));
            }
            PassRate rate = PassRate.of(tallies);
            double mean = 0.25 * 0.35 + 0.75 * 0.95;
            covered += rate.low() <= mean && mean <= rate.high() ? 1 : 0;
        }
        assertThat(covered / (double) evals).isBetween(0.94, 0.985);
    }

    private static List<Tally> cases(int passing, int failing, int repeats) {
        return Stream.concat(
                        Collections.nCopies(passing, new Tally(repeats, repeats)).stream(),
                        Collections.nCopies(failing, new Tally(0, repeats)).stream())
                .toList();
    }
}
