package dev.sluice.worker.publish;

import dev.sluice.contract.ModelCall;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.consume.Snapshot;
import dev.sluice.worker.journal.AssignmentJournal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * What one transaction commits for one assignment.
 *
 * @param offsets the jobs that it finishes
 * @param entries the journal's part, if the journal is enabled
 */
record PartitionCommit(
        PartitionAssignment assignment,
        List<Long> offsets,
        OffsetAndMetadata commit,
        Optional<AssignmentJournal.Entries> entries) {

    /**
     * The commits of a transaction that publishes these outcomes; empty if there is nothing to
     * commit.
     */
    static List<PartitionCommit> of(List<CompletedJob> outcomes, Snapshot held) {
        Map<PartitionAssignment, List<Long>> offsets = new HashMap<>();
        for (CompletedJob finished : outcomes) {
            offsets.computeIfAbsent(finished.assignment(), _ -> new ArrayList<>())
                    .add(finished.offset());
        }
        for (PartitionAssignment assignment : held.assignments().values()) {
            if (wantsCommit(assignment)) {
                offsets.computeIfAbsent(assignment, _ -> new ArrayList<>());
            }
        }
        return offsets.entrySet().stream()
                .map(entry -> of(entry.getKey(), entry.getValue()))
                .toList();
    }

    /**
     * Whether a commit is due without an outcome. Until the journal is read, its part of the commit
     * is unknown.
     */
    private static boolean wantsCommit(PartitionAssignment assignment) {
        return assignment
                .journal()
                .map(journal ->
                        journal.isCaughtUp()
                                && (assignment.hasUncommittedGaps() || journal.wantsCommit()))
                .orElseGet(assignment::hasUncommittedGaps);
    }

    private static PartitionCommit of(PartitionAssignment assignment, List<Long> offsets) {
        Optional<AssignmentJournal.Entries> entries =
                assignment.journal().map(journal -> journal.entries(offsets));
        return new PartitionCommit(
                assignment,
                List.copyOf(offsets),
                assignment.commitWith(offsets, entries.map(AssignmentJournal.Entries::marks)),
                entries);
    }

    /** Calls whose journal entry was found after their job was finished. */
    List<ModelCall> late() {
        return entries.map(AssignmentJournal.Entries::late).orElse(List.of());
    }

    /** Applies the commit after the transaction succeeded. */
    void committed() {
        assignment.committed(offsets, commit);
        assignment
                .journal()
                .ifPresent(journal -> entries.ifPresent(said -> journal.committed(said, offsets)));
    }
}
