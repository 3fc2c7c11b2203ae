package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guarantees 1 and 4 while workers, broker and network fail. {@code make drill} runs the long form;
 * {@code -Ddrill.seed=N} repeats the drill of a seed.
 */
class DrillIT {
    @TempDir private Path folder;

    @Test
    void noOutcomeIsLostOrRepeatedAndEveryCallIsBooked() throws Exception {
        Drill.Plan plan =
                new Drill.Plan(
                        Long.getLong("drill.seed", System.nanoTime()),
                        Integer.getInteger("drill.kills", 5),
                        Duration.ofSeconds(Integer.getInteger("drill.stall", 12)),
                        Integer.getInteger("drill.broker-crashes", 1),
                        Integer.getInteger("drill.cuts", 4));
        System.out.println("drill: " + plan);
        try (Drill drill = new Drill(plan, folder)) {
            Drill.Report report = drill.run();
            System.out.println("drill: " + report);
            assertThat(report.problems()).as("%s", plan).isEmpty();
        }
    }
}
