package dev.sluice.admission.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AlarmsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final Alarms alarms = new Alarms();

    @Test
    void theEarliestRingsAndOnce() {
        alarms.set("ann", NOON.plusSeconds(60));
        alarms.set("bob", NOON.plusSeconds(30));
        alarms.set("ann", NOON.plusSeconds(10));
        alarms.set("ann", NOON.plusSeconds(20));

        assertThat(alarms.due(NOON.plusSeconds(9))).isEmpty();
        assertThat(alarms.due(NOON.plusSeconds(10))).containsExactly("ann");
        assertThat(alarms.due(NOON.plusSeconds(3_600))).containsExactly("bob");
    }

    @Test
    void oneWhoHasRungCanBeSetAgain() {
        alarms.set("ann", NOON);
        assertThat(alarms.due(NOON)).containsExactly("ann");

        alarms.set("ann", NOON.plusSeconds(60));

        assertThat(alarms.due(NOON.plusSeconds(60))).containsExactly("ann");
    }
}
