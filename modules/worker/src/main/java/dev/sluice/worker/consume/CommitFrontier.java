package dev.sluice.worker.consume;

import java.util.BitSet;

/**
 * The finished offsets of one partition: the lowest offset that is not finished (the position), and
 * a bitmap of the finished offsets beyond it. Commits never pass the position, so a restart repeats
 * unfinished jobs only.
 *
 * <p>Invariants (F1, F2 and F4 are those of docs/GUARANTEES.md):
 *
 * <ol>
 *   <li>The position is the lowest offset that is not finished (F1).
 *   <li>The bitmap has exactly the finished offsets beyond the position (F2).
 *   <li>Offsets that hold no record (gaps, transaction markers) count as finished (F4).
 *   <li>The position never decreases, and a finished offset stays finished.
 *   <li>Every finished offset is below position + {@value #WINDOW}.
 * </ol>
 *
 * <p>Example: the position is 10. Finishing 12 leaves the position at 10, with 12 finished beyond
 * it. Finishing 10 moves the position to 11. Finishing 11 moves it to 13, because 12 is already
 * finished.
 *
 * <p>Not thread-safe.
 */
public final class CommitFrontier {
    /**
     * How far beyond the position a finished offset may be. A bitmap of this many bits takes 2,732
     * characters in base64, which is under the 4,096 that a broker accepts as offset metadata by
     * default.
     */
    public static final int WINDOW = 16_384;

    private long position;

    /** Finished offsets beyond the position: bit i stands for position + i. Bit 0 is never set. */
    private BitSet beyond;

    private CommitFrontier(long position, BitSet beyond) {
        this.position = position;
        this.beyond = beyond;
        advance();
    }

    /** A frontier at this position, with no finished offset beyond it. */
    public static CommitFrontier at(long position) {
        return new CommitFrontier(position, new BitSet());
    }

    static CommitFrontier of(long position, BitSet beyond) {
        return new CommitFrontier(position, (BitSet) beyond.clone());
    }

    /** The lowest offset that is not finished. */
    public long position() {
        return position;
    }

    public boolean isFinished(long offset) {
        return offset < position || (fits(offset) && beyond.get((int) (offset - position)));
    }

    /** Whether an offset is below the end of the window, so that it can be marked finished. */
    public boolean fits(long offset) {
        return offset < position + WINDOW;
    }

    /** Whether the range is within the window, so that {@link #finishRange} accepts it. */
    public boolean fitsRange(long from, long to) {
        return from <= position || fits(to - 1);
    }

    /**
     * Marks one offset finished. Marking it again has no effect.
     *
     * @throws IllegalArgumentException if it does not {@linkplain #fits fit}
     */
    public void finish(long offset) {
        finishRange(offset, offset + 1);
    }

    /**
     * Marks the offsets from {@code from} (inclusive) to {@code to} (exclusive) finished.
     *
     * @throws IllegalArgumentException if the range does not {@linkplain #fitsRange fit}
     */
    public void finishRange(long from, long to) {
        if (to <= position || from >= to) {
            return;
        }
        if (!fitsRange(from, to)) {
            throw new IllegalArgumentException(
                    "offsets " + from + " to " + to + " are beyond the window from " + position);
        }
        if (from <= position) {
            moveTo(to);
        } else {
            beyond.set((int) (from - position), (int) (to - position));
        }
        advance();
    }

    /** Finished offsets beyond the position; bit i stands for position + i. */
    BitSet beyond() {
        return (BitSet) beyond.clone();
    }

    /** An independent copy. */
    public CommitFrontier copy() {
        return of(position, beyond);
    }

    private void advance() {
        int firstOpen = beyond.nextClearBit(0);
        if (firstOpen > 0) {
            moveTo(position + firstOpen);
        }
    }

    private void moveTo(long newPosition) {
        long step = newPosition - position;
        beyond = step >= beyond.length() ? new BitSet() : beyond.get((int) step, beyond.length());
        position = newPosition;
    }

    @Override
    public String toString() {
        return position + " +" + beyond.cardinality();
    }
}
