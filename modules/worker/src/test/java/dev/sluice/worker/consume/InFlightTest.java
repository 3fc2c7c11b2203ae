package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Priority;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightTest {
    private static final JobSource URGENT = new JobSource("a", Priority.INTERACTIVE);
    private static final JobSource BULK = new JobSource("a", Priority.BULK);
    private static final JobSource OTHER = new JobSource("b", Priority.INTERACTIVE);

    private final InFlight inFlight = new InFlight(20, 10_000);

    @Test
    void aPriorityLeavesATenthToTheOther() {
        assertThat(taken(URGENT)).isEqualTo(18);
        assertThat(taken(BULK)).isEqualTo(2);
        assertThat(inFlight.count("a")).isEqualTo(20);
        assertThat(inFlight.isFull(OTHER)).isFalse();
    }

    @Test
    void bulkLeavesATenthTooAndGivesWayAsItsJobsEnd() {
        assertThat(taken(BULK)).isEqualTo(18);
        assertThat(taken(URGENT)).isEqualTo(2);

        for (int i = 0; i < 16; i++) {
            inFlight.end(BULK, 1);
            assertThat(inFlight.isFull(BULK)).isTrue();
            assertThat(taken(URGENT)).isEqualTo(1);
        }
        inFlight.end(BULK, 1);

        assertThat(inFlight.isFull(URGENT)).as("the last tenth stays with bulk").isTrue();
        assertThat(taken(BULK)).isEqualTo(1);
    }

    @Test
    void roomLeftByInteractiveJobsIsForBulk() {
        assertThat(taken(BULK)).isEqualTo(18);
        inFlight.end(BULK, 1);

        assertThat(taken(BULK)).isEqualTo(1);
    }

    @Test
    void aModelIsFullAtItsByteLimit() {
        inFlight.begin(URGENT, 8_999);
        assertThat(inFlight.isFull(URGENT)).isFalse();
        inFlight.begin(URGENT, 1);

        assertThat(inFlight.isFull(URGENT)).isTrue();
        assertThat(inFlight.isFull(BULK)).isFalse();
        inFlight.end(URGENT, 8_999);
        assertThat(inFlight.isFull(URGENT)).isFalse();
        assertThat(inFlight.total()).isEqualTo(1);
    }

    @Test
    void evenTheSmallestRoomHasOneJobOfEitherPriority() {
        InFlight smallest = new InFlight(1, 1);
        for (JobSource source : List.of(URGENT, BULK)) {
            assertThat(smallest.isFull(source)).isFalse();
            smallest.begin(source, 5);
            assertThat(smallest.isFull(source)).isTrue();
        }
    }

    /** Number of jobs of one byte that find room. */
    private int taken(JobSource source) {
        int taken = 0;
        while (!inFlight.isFull(source)) {
            inFlight.begin(source, 1);
            taken++;
        }
        return taken;
    }
}
