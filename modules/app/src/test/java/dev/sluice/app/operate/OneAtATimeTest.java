package dev.sluice.app.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.app.operate.OperationRefusedException.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OneAtATimeTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final OneAtATime turns = new OneAtATime(SHORT);
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @AfterEach
    void close() {
        turns.close();
    }

    /** Lasts until it is interrupted. */
    private String endless() throws InterruptedException {
        running.countDown();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
        return "never";
    }

    private CompletableFuture<String> startEndless() throws InterruptedException {
        CompletableFuture<String> first =
                CompletableFuture.supplyAsync(() -> turns.run("a list", LONG, "", this::endless));
        assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
        return first;
    }

    private OperationRefusedException refusal(Duration limit) {
        return catchThrowableOfType(
                OperationRefusedException.class,
                () -> turns.run("a plan", limit, "do something else", this::endless));
    }

    @Test
    void resultIsReturnedAndTheNextOneIsCarriedOut() {
        assertThat(turns.run("a list", LONG, "", () -> "a")).isEqualTo("a");
        assertThat(turns.run("a list", LONG, "", () -> "b")).isEqualTo("b");
    }

    @Test
    void secondOneIsRefusedWhileTheFirstRuns() throws Exception {
        var _ = startEndless();

        assertThat(refusal(LONG).kind()).isEqualTo(Kind.BUSY);
        assertThat(refusal(LONG)).hasMessageContaining("busy with a list (300 s at most)");
    }

    @Test
    void oneThatTakesTooLongIsInterruptedAndLeavesItsTurn() throws Exception {
        OperationRefusedException refused = refusal(SHORT);

        assertThat(refused.kind()).isEqualTo(Kind.CONFLICT);
        assertThat(refused).hasMessageContaining("do something else");
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(new OneAtATimeTurn(turns).afterWaiting()).isEqualTo("next");
    }

    /** The turn comes when the interrupted operation has ended, a moment later. */
    private record OneAtATimeTurn(OneAtATime turns) {
        String afterWaiting() {
            while (true) {
                try {
                    return turns.run("a list", LONG, "", () -> "next");
                } catch (OperationRefusedException e) {
                    assertThat(e.kind()).isEqualTo(Kind.BUSY);
                }
            }
        }
    }

    @Test
    void closingInterruptsTheOneUnderWayAndRefusesOthers() throws Exception {
        CompletableFuture<String> first = startEndless();

        turns.close();

        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS))
                .cause()
                .hasMessageContaining("is stopping");
        assertThat(refusal(LONG)).hasMessageContaining("is stopping");
    }

    @Test
    void failuresAreThrownAsTheyAre() {
        IllegalStateException failure = new IllegalStateException("no answer");

        assertThatThrownBy(() ->
                        turns.run(
                                "a list",
                                LONG,
                                "",
                                () -> {
                                    throw failure;
                                }))
                .isSameAs(failure);
        assertThat(turns.run("a list", LONG, "", () -> "b")).isEqualTo("b");
    }
}
