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
 * What a transaction does for one assignment.
 *
 * @param offsets the jobs it finishes
 * @param entries what it says of the journal, where one is kept
 */
record PartitionCommit(
        PartitionAssignment assignment,
        List<Long> offsets,
        OffsetAndMetadata commit,
        Optional<AssignmentJournal.Entries> entries) {

    /** What a transaction does that publishes these; none if there is nothing to do. */
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

    /** Before the journal is read, nobody knows what a commit should say of it. */
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

    /** Calls that came to light after their job was finished. */
    List<ModelCall> late() {
        return entries.map(AssignmentJournal.Entries::late).orElse(List.of());
    }

    /** The transaction is committed. */
    void committed() {
        assignment.committed(offsets, commit);
        assignment
                .journal()
                .ifPresent(journal -> entries.ifPresent(said -> journal.committed(said, offsets)));
    }
}
