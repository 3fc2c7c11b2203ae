package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InFlightTest {
    private final InFlight inFlight = new InFlight(3, 1_000);

    @Test
    void aModelIsFullWithSoManyJobsAndNoOtherModelWithIt() {
        for (int i = 0; i < 3; i++) {
            assertThat(inFlight.isFull("a")).isFalse();
            inFlight.begin("a", 1);
        }

        assertThat(inFlight.isFull("a")).isTrue();
        assertThat(inFlight.isFull("b")).isFalse();
        inFlight.end("a", 1);
        assertThat(inFlight.isFull("a")).isFalse();
    }

    @Test
    void aModelIsFullWithSoManyBytes() {
        inFlight.begin("a", 600);
        assertThat(inFlight.isFull("a")).isFalse();
        inFlight.begin("a", 400);

        assertThat(inFlight.isFull("a")).isTrue();
        inFlight.end("a", 600);
        assertThat(inFlight.isFull("a")).isFalse();
        assertThat(inFlight.total()).isEqualTo(1);
    }
}
