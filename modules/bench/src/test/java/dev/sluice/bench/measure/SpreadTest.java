package dev.sluice.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void textHasTheMedianAndTheExtremes() {
        assertThat(Spread.of(3, 1, 2).text("%.0f")).isEqualTo("2 (1–3)");
        assertThat(Spread.of(4, 1, 2, 9).median()).isEqualTo(3);
    }

    @Test
    void oneRunHasNoSpread() {
        assertThat(Spread.of(7.25).text("%.1f")).isEqualTo("7.3");
        assertThatThrownBy(Spread::of).hasMessage("there is no run");
    }
}
