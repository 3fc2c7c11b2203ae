package dev.sluice.worker.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RejectedOutcomesTest {
    private Instant now = Instant.EPOCH;
    private final RejectedOutcomes rejected =
            new RejectedOutcomes(() -> now, Duration.ofSeconds(5));

    @Test
    void oneOutcomeOfEachTopicIsTriedAfterThePause() {
        reject("a", 1, 2);
        reject("b", 3);

        assertThat(rejected.due()).isEmpty();
        now = now.plusSeconds(5);
        assertThat(rejected.due()).containsExactly("a", "b");
        assertThat(rejected.takeOne("a")).map(CompletedJob::offset).hasValue(1L);
        assertThat(rejected.takeOne("b")).map(CompletedJob::offset).hasValue(3L);
        assertThat(rejected.takeOne("b")).isEmpty();
        assertThat(rejected.size()).isEqualTo(1);
    }

    @Test
    void outcomeRejectedAgainWaitsAndAnotherIsTriedNext() {
        reject("a", 1, 2);
        now = now.plusSeconds(5);
        assertThat(rejected.takeOne("a")).map(CompletedJob::offset).hasValue(1L);
        reject("a", 1);

        assertThat(rejected.due()).isEmpty();
        now = now.plusSeconds(5);
        assertThat(rejected.due()).containsExactly("a");
        assertThat(rejected.takeOne("a")).map(CompletedJob::offset).hasValue(2L);
    }

    @Test
    void allOfATopicAreReleasedTogether() {
        reject("a", 1, 2);
        reject("b", 3);

        assertThat(rejected.release("a")).extracting(CompletedJob::offset).containsExactly(1L, 2L);
        assertThat(rejected.release("a")).isEmpty();
        assertThat(rejected.size()).isEqualTo(1);
    }

    @Test
    void unwantedOutcomesAreRemoved() {
        reject("a", 1, 2);
        reject("b", 3);

        assertThat(rejected.removeIf(finished -> finished.offset() != 2))
                .extracting(CompletedJob::offset)
                .containsExactly(1L, 3L);
        assertThat(rejected.size()).isEqualTo(1);
        now = now.plusSeconds(5);
        assertThat(rejected.due()).containsExactly("a");
    }

    @Test
    void complaintNamesNumberTopicAndReason() {
        assertThat(rejected.complaint()).isEmpty();
        reject("a", 1, 2);

        assertThat(rejected.complaint())
                .hasValueSatisfying(
                        complaint -> assertThat(complaint).contains("2 outcomes", "a: too large"));
    }

    private void reject(String topic, long... offsets) {
        rejected.add(
                BrokerRejection.ofTopic(topic, "too large"),
                Arrays.stream(offsets)
                        .mapToObj(offset -> FinishedJobs.finished(offset, topic, 1))
                        .toList());
    }
}
