package dev.sluice.worker.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RejectedOutcomesTest {
    private Instant now = Instant.EPOCH;
    private final RejectedOutcomes setAside =
            new RejectedOutcomes(() -> now, Duration.ofSeconds(5));

    @Test
    void oneOutcomeOfEachTopicIsTriedAfterThePause() {
        refuse("a", 1, 2);
        refuse("b", 3);

        assertThat(setAside.due()).isEmpty();
        now = now.plusSeconds(5);
        assertThat(setAside.due()).containsExactly("a", "b");
        assertThat(setAside.takeOne("a")).map(CompletedJob::offset).hasValue(1L);
        assertThat(setAside.takeOne("b")).map(CompletedJob::offset).hasValue(3L);
        assertThat(setAside.takeOne("b")).isEmpty();
        assertThat(setAside.size()).isEqualTo(1);
    }

    @Test
    void refusedAgainItWaitsAgainAndAnotherIsTriedNext() {
        refuse("a", 1, 2);
        now = now.plusSeconds(5);
        assertThat(setAside.takeOne("a")).map(CompletedJob::offset).hasValue(1L);
        refuse("a", 1);

        assertThat(setAside.due()).isEmpty();
        now = now.plusSeconds(5);
        assertThat(setAside.due()).containsExactly("a");
        assertThat(setAside.takeOne("a")).map(CompletedJob::offset).hasValue(2L);
    }

    @Test
    void allOfATopicAreReleasedTogether() {
        refuse("a", 1, 2);
        refuse("b", 3);

        assertThat(setAside.release("a")).extracting(CompletedJob::offset).containsExactly(1L, 2L);
        assertThat(setAside.release("a")).isEmpty();
        assertThat(setAside.size()).isEqualTo(1);
    }

    @Test
    void unwantedOutcomesAreTakenOut() {
        refuse("a", 1, 2);
        refuse("b", 3);

        assertThat(setAside.removeIf(finished -> finished.offset() != 2))
                .extracting(CompletedJob::offset)
                .containsExactly(1L, 3L);
        assertThat(setAside.size()).isEqualTo(1);
        now = now.plusSeconds(5);
        assertThat(setAside.due()).containsExactly("a");
    }

    @Test
    void complaintSaysHowManyWaitForWhatAndWhy() {
        assertThat(setAside.complaint()).isEmpty();
        refuse("a", 1, 2);

        assertThat(setAside.complaint())
                .hasValueSatisfying(
                        complaint -> assertThat(complaint).contains("2 outcomes", "a: too large"));
    }

    private void refuse(String topic, long... offsets) {
        setAside.add(
                BrokerRejection.ofTopic(topic, "too large"),
                Arrays.stream(offsets)
                        .mapToObj(offset -> FinishedJobs.finished(offset, topic, 1))
                        .toList());
    }
}
