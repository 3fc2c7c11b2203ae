package dev.sluice.evals.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PassAllTest {
    @Test
    void ofOneRepeatItIsThePassRate() {
        assertThat(PassAll.of(List.of(new Tally(3, 4), new Tally(1, 4)), 1))
                .isCloseTo(0.5, within(1e-9));
    }

    @Test
    void itIsTheShareOfChoicesThatAllPass() {
        // Of the six pairs of four repeats, three have no failure if three passed.
        assertThat(PassAll.of(List.of(new Tally(3, 4)), 2)).isCloseTo(0.5, within(1e-9));
        assertThat(PassAll.of(List.of(new Tally(3, 4)), 4)).isZero();
        assertThat(PassAll.of(List.of(new Tally(4, 4)), 4)).isEqualTo(1);
    }

    @Test
    void moreThanTheRepeatsCannotBeTold() {
        assertThatThrownBy(() -> PassAll.of(List.of(new Tally(3, 4)), 5))
                .hasMessageContaining("5 of 4 repeats");
    }
}
