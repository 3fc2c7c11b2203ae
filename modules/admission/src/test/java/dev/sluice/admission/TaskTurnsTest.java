package dev.sluice.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The turns of admission's tasks, through the topology. */
class TaskTurnsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration TICK = Duration.ofMillis(100);

    @RegisterExtension
    private final AdmissionDriver admission = AdmissionDriver.open(NOON, Budgets.ofEach(5));

    @Test
    void taskTurnsWithItsTimers() {
        admission.pass(TICK);

        admission.steady = Instant.EPOCH.plusSeconds(400);
        assertThat(admission.turns.oldest()).isEqualTo(Instant.EPOCH);

        admission.pass(TICK);
        assertThat(admission.turns.oldest()).isEqualTo(admission.steady);
    }

    @Test
    void closedTaskDoesNotStandStill() {
        TaskTurns turns = new TaskTurns(() -> admission.steady);
        turns.turned(3);
        turns.closed(3);

        admission.steady = Instant.EPOCH.plusSeconds(400);

        assertThat(turns.oldest()).isEqualTo(admission.steady);
    }
}
