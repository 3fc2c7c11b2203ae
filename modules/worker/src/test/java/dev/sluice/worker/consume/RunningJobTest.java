package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.consume.RunningJob.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which jobs may go on when their partition is given up, and for how long. */
class RunningJobTest {
    private static final Instant START = Instant.EPOCH;
    private static final Duration CALL = Duration.ofSeconds(3);

    private Instant now = START;
    private final RunningJobs jobs = new RunningJobs(() -> now);
    private final RunningJob job = running(0);

    @AfterEach
    void forgetInterrupts() {
        var _ = Thread.interrupted();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "READING",
                "REGISTRY",
                "UNKNOWN_ANALYSIS",
                "ISOLATION",
                "WORKING",
                "CLEARANCE"
            })
    void jobWithoutACallIsCancelledAtOnce(Stage stage) {
        job.at(stage);
        assertThat(isCancelled()).isFalse();

        jobs.leaveBy(START.plusSeconds(60));

        assertThat(isCancelled()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "READING",
                "REGISTRY",
                "UNKNOWN_ANALYSIS",
                "ISOLATION",
                "WORKING",
                "CLEARANCE"
            })
    void jobThatBeginsToWaitAfterTheRevocationIsCancelledToo(Stage stage) {
        jobs.leaveBy(START.plusSeconds(60));

        job.at(stage);

        assertThat(isCancelled()).isTrue();
    }

    @Test
    void runningCallGetsTheTimeAndItsOutcomeIsWritten() throws InterruptedException {
        job.starting(CALL);
        job.calling();
        jobs.leaveBy(START.plusSeconds(1));
        job.called(true);
        job.at(Stage.WORKING);
        job.at(Stage.WRITING);
        job.at(Stage.FINISHED);

        assertThat(isCancelled()).isFalse();
    }

    @Test
    void callRecordedDuringTheRevocationIsNotSent() throws InterruptedException {
        job.starting(CALL);

        jobs.leaveBy(START.plusSeconds(60));

        assertThat(isCancelled()).isTrue();
        assertThatThrownBy(job::calling).isInstanceOf(InterruptedException.class);
    }

    @Test
    void anotherCallOfAPaidJobBeginsOnlyIfTheTimeLeftCoversIt() throws InterruptedException {
        makeCall(true);
        jobs.leaveBy(START.plus(CALL));

        job.at(Stage.CLEARANCE);
        assertThat(isCancelled()).as("repair that can end in time").isFalse();
        job.starting(CALL);
        now = now.plusMillis(1);

        assertThatThrownBy(job::calling).isInstanceOf(InterruptedException.class);
        assertThatThrownBy(() -> job.starting(CALL)).isInstanceOf(InterruptedException.class);
        job.at(Stage.CLEARANCE);
        assertThat(isCancelled()).isTrue();
    }

    @Test
    void jobWithoutAPaidCallDoesNotWaitForAnother() throws InterruptedException {
        makeCall(false);
        jobs.leaveBy(START.plusSeconds(60));
        assertThat(isCancelled()).as("its answer may be an outcome").isFalse();

        job.at(Stage.CLEARANCE);

        assertThat(isCancelled()).isTrue();
    }

    @Test
    void noJobOfAKeptPartitionIsCancelled() throws InterruptedException {
        for (Stage stage : Stage.values()) {
            job.at(stage);
        }
        makeCall(true);
        job.starting(Duration.ofDays(1));
        job.calling();

        assertThat(isCancelled()).isFalse();
    }

    @Test
    void noJobStartsAfterTheRevocation() {
        jobs.arrived(1);
        jobs.leaveBy(START.plusSeconds(60));

        assertThat(jobs.enter(1, Thread.currentThread())).isEmpty();
    }

    @Test
    void oldestJobIsTheOneThatIsNotCommitted() {
        RunningJob second = running(1);
        job.at(Stage.FINISHED);
        second.at(Stage.FINISHED);
        jobs.left(0);
        jobs.left(1);
        assertThat(jobs.oldest()).contains(job);

        jobs.committed(List.of(0L));

        assertThat(jobs.oldest()).contains(second);
    }

    private void makeCall(boolean charged) throws InterruptedException {
        job.starting(CALL);
        job.calling();
        job.called(charged);
    }

    private RunningJob running(long offset) {
        jobs.arrived(offset);
        return jobs.enter(offset, Thread.currentThread()).orElseThrow();
    }

    private static boolean isCancelled() {
        return Thread.interrupted();
    }
}
