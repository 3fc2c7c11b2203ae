package dev.sluice.admission.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class UserTimersTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final UserTimers timers = new UserTimers();

    @Test
    void earliestTimeIsDueOnce() {
        timers.set("ann", NOON.plusSeconds(60));
        timers.set("bob", NOON.plusSeconds(30));
        timers.set("ann", NOON.plusSeconds(10));
        timers.set("ann", NOON.plusSeconds(20));

        assertThat(timers.due(NOON.plusSeconds(9))).isEmpty();
        assertThat(timers.due(NOON.plusSeconds(10))).containsExactly("ann");
        assertThat(timers.due(NOON.plusSeconds(3_600))).containsExactly("bob");
    }

    @Test
    void timerCanBeSetAgainAfterItWasDue() {
        timers.set("ann", NOON);
        assertThat(timers.due(NOON)).containsExactly("ann");

        timers.set("ann", NOON.plusSeconds(60));

        assertThat(timers.due(NOON.plusSeconds(60))).containsExactly("ann");
    }
}
