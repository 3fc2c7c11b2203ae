package dev.sluice.runtime.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LoopMonitorTest {
    private Instant now = Instant.parse("2026-11-30T00:00:00Z");
    private Instant turned = now;
    private boolean waits;
    private final LoopMonitor monitor =
            new LoopMonitor(Duration.ofMinutes(5), () -> turned, () -> waits, () -> now);

    @Test
    void loopThatTurnsIsLive() {
        pass(Duration.ofHours(1));
        turned = now;
        pass(Duration.ofMinutes(5));

        assertThat(monitor.problem()).isEmpty();
    }

    @Test
    void loopThatStandsStillForTooLongIsNot() {
        pass(Duration.ofSeconds(301));

        assertThat(monitor.problem()).contains("its loop has stood still for 301 s");
    }

    @Test
    void timeInWhichTheLoopMayWaitDoesNotCount() {
        waits = true;
        pass(Duration.ofHours(1));
        assertThat(monitor.problem()).isEmpty();

        waits = false;
        pass(Duration.ofMinutes(5));
        assertThat(monitor.problem()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(monitor.problem()).isPresent();
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }
}
