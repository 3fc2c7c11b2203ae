package dev.sluice.admission.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TickBudgetTest {
    private final TickBudget ticks = new TickBudget();

    @Test
    void tasksOfAThreadShareAtMostASixthOfItsTime() {
        IntStream.range(0, 8).forEach(ticks::of);

        Duration together =
                IntStream.range(0, 8).mapToObj(ticks::of).reduce(Duration.ZERO, Duration::plus);

        assertThat(together.multipliedBy(6)).isLessThanOrEqualTo(TickBudget.INTERVAL);
    }

    @Test
    void onlyBusyTaskGetsTheWholeBudget() {
        Duration alone = ticks.of("task 1");
        Duration beside = ticks.of("task 2");
        ticks.idle("task 1");

        assertThat(beside.multipliedBy(2)).isEqualTo(alone);
        assertThat(ticks.of("task 2")).isEqualTo(alone);
    }
}
