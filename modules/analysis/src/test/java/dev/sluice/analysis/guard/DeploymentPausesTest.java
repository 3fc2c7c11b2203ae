package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DeploymentPausesTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    private final DeploymentPauses pauses = new DeploymentPauses();

    @Test
    void pauseRequestedByTheProviderEndsByItself() {
        boolean _ = pauses.requested(START, START, Duration.ofSeconds(7));
        boolean _ = pauses.requested(START, START, Duration.ofSeconds(3));

        assertThat(pauses.enter(at(6))).isFalse();
        assertThat(pauses.until(at(6))).contains(at(7));
        assertThat(pauses.enter(at(7))).isTrue();
        assertThat(pauses.enter(at(7))).as("everyone may go").isTrue();
        assertThat(pauses.fault()).isEmpty();
    }

    /** Calls in flight when a pause begins may be rejected after it began. */
    @Test
    void callsSentBeforeAPauseBeganDoNotProlongIt() {
        boolean _ = pauses.requested(START, at(1), Duration.ofSeconds(1));
        boolean _ = pauses.requested(START, at(2), Duration.ofSeconds(1));

        assertThat(pauses.enter(at(2))).isTrue();
    }

    @Test
    void longerPauseCountsEvenIfItsCallWasSentBeforeTheFirst() {
        boolean _ = pauses.requested(START, at(1), Duration.ofSeconds(1));
        boolean _ = pauses.requested(START, at(2), Duration.ofSeconds(30));

        assertThat(pauses.until(at(2))).contains(at(31));
    }

    @Test
    void requestForAZeroWaitIsNotAPause() {
        assertThat(pauses.requested(START, at(5), Duration.ZERO)).isFalse();
        pauses.rejected(at(4), at(6));

        assertThat(pauses.enter(at(6))).isFalse();
    }

    @Test
    void callSentAfterAPauseBeginsTheNext() {
        boolean _ = pauses.requested(START, at(1), Duration.ofSeconds(1));
        boolean _ = pauses.requested(at(2), at(3), Duration.ofSeconds(1));

        assertThat(pauses.until(at(3))).contains(at(4));
    }

    @Test
    void afterAnOperatorPauseOneCallProbesAndTheOthersWait() {
        assertThat(pauses.blocked(at(-1), START, "bad key")).isTrue();

        assertThat(pauses.enter(at(59))).isFalse();
        assertThat(pauses.fault()).contains("bad key");
        assertThat(pauses.enter(at(60))).as("the probe").isTrue();
        assertThat(pauses.enter(at(60))).as("the others").isFalse();
        assertThat(pauses.enter(at(70))).as("the next probe, if nothing came of it").isTrue();
    }

    @Test
    void failedProbesIncreaseTheirIntervalUpToTenMinutes() {
        Instant now = START;
        for (int minutes : new int[] {1, 2, 4, 8, 10, 10}) {
            assertThat(pauses.blocked(now.plusMillis(1), now.plusMillis(2), "bad key")).isTrue();
            Instant until = pauses.until(now.plusMillis(2)).orElseThrow();
            assertThat(Duration.between(now.plusMillis(2), until))
                    .isEqualTo(Duration.ofMinutes(minutes));
            now = until;
        }
    }

    @Test
    void callsSentBeforeThePauseAreIgnored() {
        pauses.blocked(at(-1), START, "bad key");

        assertThat(pauses.blocked(at(-1), at(1), "bad key")).isFalse();
        assertThat(pauses.until(at(1))).contains(at(60));
    }

    @Test
    void acceptedCallEndsThePause() {
        pauses.blocked(at(-1), START, "bad key");
        assertThat(pauses.enter(at(60))).isTrue();

        assertThat(pauses.accepted(at(60))).isTrue();

        assertThat(pauses.enter(at(60))).isTrue();
        assertThat(pauses.fault()).isEmpty();
    }

    @Test
    void acceptedCallDoesNotEndAPauseRequestedByTheProvider() {
        boolean _ = pauses.requested(START, START, Duration.ofSeconds(7));

        boolean _ = pauses.accepted(at(1));

        assertThat(pauses.enter(at(1))).isFalse();
    }

    @Test
    void answerToACallSentBeforeThePauseDoesNotEndIt() {
        pauses.blocked(at(-1), START, "no money");

        boolean _ = pauses.accepted(at(-5));

        assertThat(pauses.enter(at(1))).isFalse();
        assertThat(pauses.fault()).contains("no money");
    }

    @Test
    void pauseRequestedByTheProviderHoldsBesideTheOperatorPause() {
        boolean _ = pauses.requested(START, START, Duration.ofMinutes(9));
        pauses.blocked(at(-1), START, "no money");

        assertThat(pauses.until(START)).contains(at(540));
        boolean _ = pauses.accepted(at(1));
        assertThat(pauses.until(START)).contains(at(540));
    }

    private static Instant at(long second) {
        return START.plusSeconds(second);
    }
}
