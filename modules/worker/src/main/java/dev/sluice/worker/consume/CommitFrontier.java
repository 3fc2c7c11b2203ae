package dev.sluice.worker.consume;

import java.util.BitSet;

/**
 * Lowest offset of a partition not yet finished, and which offsets beyond it are finished all the
 * same. Commits never pass the position. Offsets that hold no record (gaps, transaction markers)
 * count as finished. Not safe for use by several threads.
 */
public final class CommitFrontier {
    /**
     * How far beyond the position a finished offset may be. As a bitmap in base64 that is 2,732
     * characters, under the 4,096 that a broker takes as offset metadata by default.
     */
    public static final int WINDOW = 16_384;

    private long position;

    /** Bit i stands for position + i. Bit 0 is never set: the position would have moved on. */
    private BitSet beyond;

    private CommitFrontier(long position, BitSet beyond) {
        this.position = position;
        this.beyond = beyond;
        advance();
    }

    /** Everything below the position is finished, nothing at or beyond it. */
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

    /** Whether an offset is near enough to be marked finished. */
    public boolean fits(long offset) {
        return offset < position + WINDOW;
    }

    /** Whether {@link #finishRange} can take the range. */
    public boolean fitsRange(long from, long to) {
        return from <= position || fits(to - 1);
    }

    /**
     * Marks one offset finished. Doing so twice is harmless.
     *
     * @throws IllegalArgumentException if it does not {@linkplain #fits fit}
     */
    public void finish(long offset) {
        finishRange(offset, offset + 1);
    }

    /**
     * Marks offsets finished.
     *
     * @param to exclusive
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

    /** Offsets beyond the position that are finished; bit i stands for position + i. */
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
