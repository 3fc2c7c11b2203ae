package dev.sluice.worker.journal;

import java.util.UUID;

/**
 * The journal's part of a commit, for the next assignment of the partition.
 *
 * @param floor offset in the journal's partition; every entry of an unfinished job is at or beyond
 *     it
 * @param accounted every call of a finished job that began below this offset is booked
 * @param assignment the assignment that committed; its own calls of finished jobs are booked, at
 *     any offset
 * @param inOrder whether that assignment ended cleanly with this commit, so that its worker did not
 *     crash
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
