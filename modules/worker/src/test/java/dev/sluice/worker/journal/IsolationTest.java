package dev.sluice.worker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.worker.journal.Company.Size;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class IsolationTest {
    private final Isolation isolation = new Isolation(InstantSource.system());

    @Test
    @Timeout(60)
    void suspectOfOneModelHoldsUpNoOtherModel() throws Exception {
        isolation.enter("a", Size.NONE);
        isolation.enter("b", Size.ANY);

        isolation.leave("b", Size.ANY);
        isolation.leave("a", Size.NONE);
    }

    @Test
    @Timeout(60)
    void suspectThatWaitsForAHungCallOfItsModelHoldsUpNoOtherModel() throws Exception {
        isolation.enter("a", Size.ANY);
        Thread suspect = entering("a", Size.NONE);
        await().until(() -> isWaiting(suspect));

        isolation.enter("b", Size.ANY);
        isolation.leave("b", Size.ANY);

        isolation.leave("a", Size.ANY);
        suspect.join();
    }

    /** A worker that dies now dies of one of them: both would be accused. */
    @Test
    @Timeout(60)
    void suspectsOfTwoModelsAreNotAloneAtTheSameTime() throws Exception {
        isolation.enter("a", Size.NONE);
        Thread other = entering("b", Size.NONE);
        Thread few = entering("c", Size.FEW);
        await().until(() -> isWaiting(other) && isWaiting(few));

        isolation.leave("a", Size.NONE);

        other.join();
        few.join();
    }

    @Test
    @Timeout(60)
    void suspectThatGivesUpWaitingHoldsNobodyBack() throws Exception {
        isolation.enter("a", Size.ANY);
        Thread suspect = entering("a", Size.NONE);
        await().until(() -> isWaiting(suspect));

        suspect.interrupt();
        suspect.join();

        isolation.enter("b", Size.NONE);
        isolation.leave("b", Size.NONE);
        isolation.leave("a", Size.ANY);
        isolation.enter("a", Size.FEW);
        assertThat(entering("a", Size.FEW).join(Duration.ofSeconds(10))).isTrue();
    }

    private Thread entering(String model, Size size) {
        return Thread.ofVirtual()
                .start(() -> {
                    try {
                        isolation.enter(model, size);
                        isolation.leave(model, size);
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
