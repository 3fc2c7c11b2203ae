package dev.sluice.worker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.worker.journal.IsolationTurns.Group;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CrashIsolationTest {
    private final CrashIsolation isolation = new CrashIsolation(InstantSource.system());

    @Test
    @Timeout(60)
    void suspectOfOneModelHoldsUpNoOtherModel() throws Exception {
        isolation.enter("a", Group.ALONE);
        isolation.enter("b", Group.ALL);

        isolation.leave("b", Group.ALL);
        isolation.leave("a", Group.ALONE);
    }

    @Test
    @Timeout(60)
    void suspectThatWaitsForAHungCallOfItsModelHoldsUpNoOtherModel() throws Exception {
        isolation.enter("a", Group.ALL);
        Thread suspect = entering("a", Group.ALONE);
        await().until(() -> isWaiting(suspect));

        isolation.enter("b", Group.ALL);
        isolation.leave("b", Group.ALL);

        isolation.leave("a", Group.ALL);
        suspect.join();
    }

    /** If two suspects ran alone at the same time, a crash would be blamed on both. */
    @Test
    @Timeout(60)
    void suspectsOfTwoModelsAreNotAloneAtTheSameTime() throws Exception {
        isolation.enter("a", Group.ALONE);
        Thread other = entering("b", Group.ALONE);
        Thread few = entering("c", Group.FEW);
        await().until(() -> isWaiting(other) && isWaiting(few));

        isolation.leave("a", Group.ALONE);

        other.join();
        few.join();
    }

    @Test
    @Timeout(60)
    void suspectThatGivesUpWaitingBlocksNoOther() throws Exception {
        isolation.enter("a", Group.ALL);
        Thread suspect = entering("a", Group.ALONE);
        await().until(() -> isWaiting(suspect));

        suspect.interrupt();
        suspect.join();

        isolation.enter("b", Group.ALONE);
        isolation.leave("b", Group.ALONE);
        isolation.leave("a", Group.ALL);
        isolation.enter("a", Group.FEW);
        assertThat(entering("a", Group.FEW).join(Duration.ofSeconds(10))).isTrue();
    }

    private Thread entering(String model, Group group) {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        isolation.enter(model, group);
                        isolation.leave(model, group);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING;
    }
}
