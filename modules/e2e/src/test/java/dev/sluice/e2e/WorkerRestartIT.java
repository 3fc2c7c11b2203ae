package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guarantee 1 across restarts: exactly one outcome for each request. */
class WorkerRestartIT {
    private static final int REQUESTS = 400;
    private static final SimulatorSettings SLOW =
            SimulatorSettings.defaults().withLatency(Duration.ofMillis(200), Duration.ofSeconds(3));

    @TempDir private Path folder;

    @Test
    void stoppedWorkerRepeatsNoOutcomeAndNoCall() throws Exception {
        try (Pipeline pipeline = new Pipeline(SLOW, folder)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            publish(pipeline);
            try (JavaProcess first = pipeline.startWorkerProcess("0")) {
                assertThat(pipeline.committed.awaitOutcomes(REQUESTS / 4, PATIENCE))
                        .as(first.log())
                        .hasSizeGreaterThanOrEqualTo(REQUESTS / 4);
                first.stop();
            }
            int before = pipeline.committed.outcomes().size();
            long callsBefore = pipeline.simulator.chargedRequests();
            assertThat(callsBefore)
                    .as("every call that was made has its outcome")
                    .isEqualTo(before);

            try (JavaProcess second = pipeline.startWorkerProcess("0")) {
                assertExactlyOneEach(pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE));
                await().atMost(PATIENCE).until(() -> pipeline.committed.keptJobs() == 0);
                second.stop();
            }
            assertExactlyOneEach(pipeline.committed.outcomes());
            assertThat(pipeline.simulator.chargedRequests()).isEqualTo(REQUESTS);
            assertThat(PipelineIT.spend(pipeline.committed.calls()))
                    .isEqualByComparingTo(pipeline.simulator.billedUsd());
        }
    }

    @Test
    void killedWorkerLosesNoOutcomeAndRepeatsNone() throws Exception {
        try (Pipeline pipeline = new Pipeline(SLOW, folder)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            publish(pipeline);
            for (int life = 1; life <= 2; life++) {
                try (JavaProcess doomed = pipeline.startWorkerProcess("0")) {
                    assertThat(pipeline.committed.awaitOutcomes(life * REQUESTS / 5, PATIENCE))
                            .as(doomed.log())
                            .hasSizeGreaterThanOrEqualTo(life * REQUESTS / 5);
                    doomed.kill();
                }
            }

            long without = REQUESTS - pipeline.committed.outcomes().size();
            long asked = pipeline.simulator.requests();
            try (JavaProcess last = pipeline.startWorkerProcess("0")) {
                assertExactlyOneEach(pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE));
                last.stop();
            }
            assertExactlyOneEach(pipeline.committed.outcomes());
            assertThat(pipeline.simulator.requests() - asked)
                    .as("calls of the last worker: one for each job without an outcome at the kill")
                    .isEqualTo(without);
            List<Read> calls = pipeline.committed.calls();
            BillComparison comparison =
                    BillComparison.compare(pipeline.simulator.chargedCalls(), calls);
            assertThat(comparison.problems()).isEmpty();
            // Calls that were running at the kill are repeated: at most as many as were in flight.
            assertThat(comparison.lost()).isPositive();
            assertThat(calls.stream().filter(call -> !BillComparison.isUnconfirmed(call)).count())
                    .isGreaterThanOrEqualTo(REQUESTS);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(pipeline.committed.booked())
                                    .isEqualByComparingTo(PipelineIT.spend(calls)));
        }
    }

    @Test
    void withoutTheJournalOnlyCallsUnderWayAtAKillAreMissingFromTheBooks() throws Exception {
        Map<String, String> noJournal = Map.of("SLUICE_WORKER_JOURNAL", "false");
        try (Pipeline pipeline = new Pipeline(SLOW, folder)) {
            pipeline.start(EnumSet.of(Role.ADMISSION));
            publish(pipeline);
            try (JavaProcess doomed = pipeline.startWorkerProcess("0", noJournal)) {
                assertThat(pipeline.committed.awaitOutcomes(REQUESTS / 4, PATIENCE))
                        .as(doomed.log())
                        .hasSizeGreaterThanOrEqualTo(REQUESTS / 4);
                doomed.kill();
            }
            int before = pipeline.committed.outcomes().size();
            long charged = pipeline.simulator.chargedRequests();
            try (JavaProcess last = pipeline.startWorkerProcess("0", noJournal)) {
                assertExactlyOneEach(pipeline.committed.awaitOutcomes(REQUESTS, PATIENCE));
                last.stop();
            }

            assertExactlyOneEach(pipeline.committed.outcomes());
            assertThat(
                            pipeline.committed.read(
                                    pipeline.connection.topics().attempts(Pipeline.MODEL)))
                    .as("the journal")
                    .isEmpty();
            BillComparison comparison =
                    BillComparison.compare(
                            pipeline.simulator.chargedCalls(), pipeline.committed.calls());
            assertThat(comparison.problems())
                    .allMatch(problem -> problem.startsWith("charged and not booked"))
                    .hasSizeBetween((int) charged - before, REQUESTS);
        }
    }

    /** What the settlements say was spent or may have been. */
    private static void publish(Pipeline pipeline) {
        for (int i = 0; i < REQUESTS; i++) {
            pipeline.publish(Pipeline.request("r" + i, Pipeline.page(i)));
        }
    }

    private static void assertExactlyOneEach(List<Read> outcomes) {
        assertThat(outcomes.stream().map(Read::key)).doesNotHaveDuplicates().hasSize(REQUESTS);
        assertThat(outcomes).allMatch(Read::isResult);
    }
}
