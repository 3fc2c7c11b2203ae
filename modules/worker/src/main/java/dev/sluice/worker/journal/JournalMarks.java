package dev.sluice.worker.journal;

import java.util.UUID;

/**
 * What a commit says of the journal, for the next assignment of the partition.
 *
 * @param floor offset in the attempts partition; every entry of an unfinished job is at or beyond
 *     it
 * @param accounted every call of a finished job that was begun below this offset is in the books
 * @param assignment which assignment committed; its own calls of finished jobs are in the books,
 *     wherever they are
 * @param inOrder whether that assignment ended in good order with this commit: its worker did not
 *     die
 */
public record JournalMarks(long floor, long accounted, UUID assignment, boolean inOrder) {
    public JournalMarks {
        if (floor < 0 || accounted < floor) {
            throw new IllegalArgumentException(
                    "a journal's marks must be 0 <= floor <= accounted, were "
                            + floor
                            + " and "
                            + accounted);
        }
    }
}
