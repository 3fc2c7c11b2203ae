package dev.sluice.worker.publish;

import dev.sluice.contract.ModelCall;
import dev.sluice.worker.consume.Snapshot;
import dev.sluice.worker.consume.Tenure;
import dev.sluice.worker.journal.TenureJournal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * What a transaction does for one tenure.
 *
 * @param offsets the jobs it finishes
 * @param entries what it says of the journal, where one is kept
 */
record Share(
        Tenure tenure,
        List<Long> offsets,
        OffsetAndMetadata commit,
        Optional<TenureJournal.Entries> entries) {

    /** What a transaction does that publishes these; none if there is nothing to do. */
    static List<Share> of(List<Finished> outcomes, Snapshot held) {
        Map<Tenure, List<Long>> offsets = new HashMap<>();
        for (Finished finished : outcomes) {
            offsets.computeIfAbsent(finished.tenure(), _ -> new ArrayList<>())
                    .add(finished.offset());
        }
        for (Tenure tenure : held.tenures().values()) {
            if (wantsCommit(tenure)) {
                offsets.computeIfAbsent(tenure, _ -> new ArrayList<>());
            }
        }
        return offsets.entrySet().stream()
                .map(entry -> of(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** Before the journal is read, nobody knows what a commit should say of it. */
    private static boolean wantsCommit(Tenure tenure) {
        return tenure.journal()
                .map(journal ->
                        journal.isCaughtUp()
                                && (tenure.hasUncommittedGaps() || journal.wantsCommit()))
                .orElseGet(tenure::hasUncommittedGaps);
    }

    private static Share of(Tenure tenure, List<Long> offsets) {
        Optional<TenureJournal.Entries> entries =
                tenure.journal().map(journal -> journal.entries(offsets));
        return new Share(
                tenure,
                List.copyOf(offsets),
                tenure.commitWith(offsets, entries.map(TenureJournal.Entries::marks)),
                entries);
    }

    /** Calls that came to light after their job was finished. */
    List<ModelCall> late() {
        return entries.map(TenureJournal.Entries::late).orElse(List.of());
    }

    /** The transaction is committed. */
    void committed() {
        tenure.committed(offsets, commit);
        tenure.journal()
                .ifPresent(journal -> entries.ifPresent(said -> journal.committed(said, offsets)));
    }
}
