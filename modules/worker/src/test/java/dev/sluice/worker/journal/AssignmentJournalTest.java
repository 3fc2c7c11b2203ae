package dev.sluice.worker.journal;

import static dev.sluice.worker.journal.JournalEntries.ended;
import static dev.sluice.worker.journal.JournalEntries.laidDown;
import static dev.sluice.worker.journal.JournalEntries.started;
import static dev.sluice.worker.journal.JournalEntries.startedAlone;
import static dev.sluice.worker.journal.JournalEntries.startedJob;
import static dev.sluice.worker.journal.JournalEntries.withdrawn;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.Attempt;
import dev.sluice.contract.CallStatus;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Priority;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Invariants J1 to J5 of docs/GUARANTEES.md. */
class AssignmentJournalTest {
    private static final UUID BEFORE = UUID.randomUUID();

    private final Set<Long> finished = new HashSet<>();
    private boolean closing;

    @Test
    void startWithoutAnEndIsALostCallOfItsJob() {
        AssignmentJournal journal = opened(Optional.empty(), started("a", 5, "t1"));

        List<ModelCall> rows = journal.carried(5);

        assertThat(rows).hasSize(1);
        assertThat(rows.getFirst().getStatus()).isEqualTo(CallStatus.UNCONFIRMED);
        assertThat(rows.getFirst().getCostUsd()).isEqualByComparingTo(JournalEntries.WORST);
    }

    @Test
    void startWithAnEndIsBookedAsItEnded() {
        AssignmentJournal journal =
                opened(Optional.empty(), started("a", 5, "t1"), ended("a", 5, "t1"));

        ModelCall row = journal.carried(5).getFirst();

        assertThat(row.getStatus()).isEqualTo(CallStatus.ANSWERED);
        assertThat(row.getCostUsd()).isEqualByComparingTo(JournalEntries.ACTUAL);
    }

    @Test
    void withdrawnStartIsNoCall() {
        AssignmentJournal journal =
                opened(Optional.empty(), started("a", 5, "t1"), withdrawn("a", 5, "t1"));

        assertThat(journal.carried(5)).isEmpty();
    }

    @Test
    void jobWhoseExecutionsCrashIsIsolatedAndIsPoisonOnceItCrashedAlone() {
        AssignmentJournal journal =
                opened(
                        Optional.empty(),
                        started("a", 5, "t1"),
                        started("b", 5, "t2"),
                        started("c", 6, "t1"),
                        started("d", 6, "t1"),
                        started("e", 7, "t1"),
                        started("f", 7, "t2"),
                        started("g", 7, "t3"),
                        started("h", 8, "t1"),
                        startedAlone("i", 8, "t2"));

        assertThat(journal.earlier(4, JobHistory::group)).isEqualTo(IsolationTurns.Group.ALL);
        assertThat(journal.earlier(6, JobHistory::group)).isEqualTo(IsolationTurns.Group.ALL);
        assertThat(journal.earlier(5, JobHistory::group)).isEqualTo(IsolationTurns.Group.FEW);
        assertThat(journal.earlier(7, JobHistory::group)).isEqualTo(IsolationTurns.Group.ALONE);
        assertThat(journal.earlier(7, JobHistory::crashedInIsolation)).isFalse();
        assertThat(journal.earlier(8, JobHistory::crashedInIsolation)).isTrue();
    }

    @Test
    void jobThatWasTakenUpAndNeverLaidDownDiedWithItsWorkerWithoutAnyCall() {
        AssignmentJournal journal =
                opened(
                        Optional.empty(),
                        startedJob(5, "t1", false),
                        startedJob(5, "t2", false),
                        startedJob(6, "t1", false),
                        laidDown(6, "t1"),
                        startedJob(6, "t2", true));

        assertThat(journal.earlier(5, JobHistory::group)).isEqualTo(IsolationTurns.Group.FEW);
        assertThat(journal.earlier(5, JobHistory::crashedInIsolation)).isFalse();
        assertThat(journal.earlier(6, JobHistory::group)).isEqualTo(IsolationTurns.Group.ALL);
        assertThat(journal.earlier(6, JobHistory::crashedInIsolation)).isTrue();
        assertThat(journal.carried(5)).isEmpty();
        assertThat(journal.entries(List.of(6L)).marks().floor()).isZero();
    }

    @Test
    void oneCrashCountsOnceWithAnyNumberOfEntries() {
        AssignmentJournal journal =
                opened(Optional.empty(), startedJob(5, "t1", false), started("a", 5, "t1"));

        assertThat(journal.earlier(5, JobHistory::group)).isEqualTo(IsolationTurns.Group.ALL);
    }

    @Test
    void jobsOfAnAssignmentThatEndedBadlyAreRecordedWhenTheyStart() {
        assertThat(opened(marks(false)).mustRecordStart(99)).isTrue();
        assertThat(opened(marks(false)).mustRecordStart(100)).isFalse();
        assertThat(opened(marks(true)).mustRecordStart(99)).isFalse();
        assertThat(opened(Optional.empty()).mustRecordStart(99)).isFalse();
    }

    @Test
    void thatJobsAreUnderWayIsCommittedBeforeAnyIsAndWithdrawnAtTheEnd() {
        AssignmentJournal journal = opened(marks(true));
        assertThat(journal.wantsCommit()).isTrue();

        AssignmentJournal.Entries first = journal.entries(List.of());
        assertThat(first.marks().inOrder()).isFalse();
        journal.committed(first, List.of());
        assertThat(journal.wantsCommit()).isFalse();

        closing = true;
        assertThat(journal.wantsCommit()).isTrue();
        assertThat(journal.entries(List.of()).marks().inOrder()).isTrue();
    }

    @Test
    void callsInARecoveredTransactionAreNotBookedAgain() {
        finished.add(5L);
        AssignmentJournal journal = opened(Optional.empty());
        journal.read(0, started("a", 5, "stalled"));
        JournalMarks marks = journal.entries(List.of()).marks();

        journal.recovered(marks, List.of());
        journal.read(1, started("a", 5, "stalled"));

        assertThat(journal.entries(List.of()).late()).isEmpty();
    }

    private static Optional<JournalMarks> marks(boolean inOrder) {
        return Optional.of(new JournalMarks(0, 0, BEFORE, inOrder));
    }

    @Test
    void callThatComesToLightAfterItsJobIsBookedOnItsOwnAndOnce() {
        AssignmentJournal journal = opened(Optional.empty());
        finished.add(5L);
        journal.read(0, started("a", 5, "stalled"));

        assertThat(journal.wantsCommit()).isTrue();
        AssignmentJournal.Entries entries = journal.entries(List.of());
        assertThat(entries.late()).hasSize(1);
        journal.committed(entries, List.of());

        journal.read(1, ended("a", 5, "stalled"));
        assertThat(journal.wantsCommit()).isFalse();
        assertThat(journal.entries(List.of()).late()).isEmpty();
    }

    @Test
    void callThatComesToLightWhileItsJobsOutcomeIsOnItsWayIsBookedBesideIt() {
        AssignmentJournal journal = opened(Optional.empty(), started("a", 5, "t1"));
        assertThat(journal.carried(5)).hasSize(1);
        journal.read(1, started("b", 5, "stalled"));

        AssignmentJournal.Entries entries = journal.entries(List.of(5L));
        assertThat(entries.late()).extracting(row -> row.getCallId().toString()).containsOnly("b");
        journal.read(2, started("c", 5, "stalled"));
        finished.add(5L);
        journal.committed(entries, List.of(5L));

        assertThat(journal.entries(List.of()).late())
                .extracting(row -> row.getCallId().toString())
                .containsOnly("c");
    }

    @Test
    void callsOfFinishedJobsOfTheLastCommitterAreBooked() {
        finished.add(5L);
        AssignmentJournal journal =
                opened(
                        Optional.of(new JournalMarks(0, 0, BEFORE, false)),
                        started("a", 5, BEFORE.toString()),
                        started("b", 5, "somebody else"));

        assertThat(journal.entries(List.of()).late())
                .extracting(row -> row.getCallId().toString())
                .containsOnly("b");
    }

    @Test
    void floorStaysBelowEveryEntryOfAnUnfinishedJob() {
        AssignmentJournal journal = opened(Optional.empty(), started("a", 5, "t1"));
        journal.read(1, started("b", 6, "t1"));
        journal.reached(10);
        journal.beginning(7);
        journal.reached(20);

        assertThat(journal.entries(List.of()).marks().floor()).isZero();
        assertThat(journal.entries(List.of(5L)).marks().floor()).isEqualTo(1);
        assertThat(journal.entries(List.of(5L, 6L)).marks().floor()).isEqualTo(10);
        assertThat(journal.entries(List.of(5L, 6L, 7L)).marks().floor()).isEqualTo(20);
    }

    @Test
    void entriesOfTheOtherPriorityAreIgnored() {
        AssignmentJournal journal = opened(Optional.empty());
        Attempt bulk = started("a", 5, "t1");
        bulk.setPriority(Priority.BULK);
        journal.read(0, bulk);

        assertThat(journal.carried(5)).isEmpty();
        assertThat(journal.position()).isEqualTo(1);
    }

    /**
     * Assignments follow each other. Each crashes somewhere between recording a call, making it,
     * ending it and committing it; some still write after their successor has begun. At the end,
     * every recorded call is booked exactly once, and none at less than it cost.
     */
    @Property(tries = 500)
    void everyCallOnRecordIsBookedExactlyOnceWhateverDies(@ForAll long seed) {
        assertThat(new JournalSchedule(new Random(seed)).run()).isEmpty();
    }

    private AssignmentJournal opened(Optional<JournalMarks> marks, Attempt... entries) {
        AssignmentJournal journal =
                new AssignmentJournal(UUID.randomUUID(), Priority.INTERACTIVE, marks, 100, jobs());
        long start = journal.bounds(0, entries.length);
        assertThat(start).isZero();
        List<Attempt> all = new ArrayList<>(List.of(entries));
        for (int offset = 0; offset < all.size(); offset++) {
            journal.read(offset, all.get(offset));
        }
        assertThat(journal.isCaughtUp()).isTrue();
        return journal;
    }

    private AssignmentJournal.Jobs jobs() {
        return new AssignmentJournal.Jobs() {
            @Override
            public boolean isFinished(long offset) {
                return finished.contains(offset);
            }

            @Override
            public boolean isLive() {
                return true;
            }

            @Override
            public boolean isClosing() {
                return closing;
            }
        };
    }
}
