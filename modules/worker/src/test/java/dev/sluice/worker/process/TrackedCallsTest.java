package dev.sluice.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.NoJournal;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.ReplyFacts;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.consume.RunningJob;
import dev.sluice.worker.consume.TestAssignments;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of a job whose partition is given up, with and without a journal. */
class TrackedCallsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final List<String> record = new ArrayList<>();
    private Runnable whenStarting = () -> {};
    private final PartitionAssignment assignment =
            TestAssignments.of(new TopicPartition("jobs", 0), "m");
    private final RunningJob job = TestAssignments.begin(assignment, 0);
    private final TrackedCalls calls = new TrackedCalls(new Record(), job, _ -> {});

    /** Collects the journal entries. */
    private final class Record extends NoJournal {
        @Override
        public void releaseSlot() {
            record.add("rest");
        }

        @Override
        public void acquireSlot() {
            record.add("resume");
        }

        @Override
        public boolean starting(Call ifLost) {
            record.add("starting");
            whenStarting.run();
            return true;
        }

        @Override
        public void withdrawn(Call call) {
            record.add("withdrawn");
        }

        @Override
        public void ended(Call call) {
            record.add("ended");
        }
    }

    @AfterEach
    void forgetInterrupts() {
        var _ = Thread.interrupted();
    }

    @Test
    void runningCallIsNotCancelledByTheRevocation() throws InterruptedException {
        calls.acquireSlot();
        assertThat(calls.starting(call())).isTrue();

        TestAssignments.giveUp(assignment, Duration.ofSeconds(1));
        calls.ended(call());

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(record).containsExactly("resume", "starting", "ended");
    }

    @Test
    void callWhoseStartIsRecordedMeanwhileIsWithdrawn() throws InterruptedException {
        calls.acquireSlot();
        whenStarting = () -> TestAssignments.giveUp(assignment, Duration.ofMinutes(10));

        assertThatThrownBy(() -> calls.starting(call())).isInstanceOf(InterruptedException.class);

        assertThat(record).containsExactly("resume", "starting", "withdrawn");
    }

    @Test
    void repairCallWithoutTimeIsNotRecorded() throws InterruptedException {
        calls.acquireSlot();
        assertThat(calls.starting(call())).isTrue();
        TestAssignments.giveUp(assignment, TIMEOUT.minusSeconds(1));
        calls.ended(call());

        assertThatThrownBy(() -> calls.starting(call())).isInstanceOf(InterruptedException.class);

        assertThat(record).containsExactly("resume", "starting", "ended");
    }

    @Test
    void repairCallWithEnoughTimeIsMade() throws InterruptedException {
        calls.acquireSlot();
        assertThat(calls.starting(call())).isTrue();
        TestAssignments.giveUp(assignment, TIMEOUT.plusSeconds(30));
        calls.ended(call());
        calls.releaseSlot();
        calls.acquireSlot();

        assertThat(calls.starting(call())).isTrue();
    }

    @Test
    void jobThatWaitsWithoutACallIsCancelled() throws InterruptedException {
        calls.acquireSlot();
        calls.releaseSlot();

        TestAssignments.giveUp(assignment, Duration.ofMinutes(10));

        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThatThrownBy(calls::acquireSlot).isInstanceOf(InterruptedException.class);
    }

    private static Call call() {
        return new Call(
                UUID.randomUUID(),
                1,
                Call.Purpose.ANALYSIS,
                new Deployment(
                        "m",
                        "d",
                        "m",
                        ModelTraits.of("m"),
                        new Endpoint(
                                Provider.OPENAI,
                                URI.create("http://localhost"),
                                new Secret("key"),
                                "m",
                                TIMEOUT),
                        ProviderLimits.unknown()),
                new Call.Ending(
                        Call.Status.ANSWERED,
                        OptionalInt.of(200),
                        Optional.empty(),
                        Optional.empty()),
                ReplyFacts.NONE,
                TokenUsage.NONE,
                new Cost(BigDecimal.ONE),
                Instant.EPOCH,
                Duration.ZERO);
    }
}
