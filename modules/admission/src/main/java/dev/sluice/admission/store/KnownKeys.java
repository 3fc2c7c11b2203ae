package dev.sluice.admission.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;

/**
 * Which keys may be in the store: most that are asked for are new, and looking for what is not
 * there costs as much as writing it. A Bloom filter in memory, in generations: whatever is in one
 * that was closed long ago has left the store.
 */
public final class KnownKeys {
    /** So many to a generation of a megabyte. */
    private static final int KEYS = 850_000;

    /** With so many bits for each one key in a hundred that is not there is looked for. */
    private static final int BITS_EACH = 10;

    private static final int HASHES = 6;

    private final Duration life;
    private final int keysEach;
    private final int bits;
    private final Deque<Generation> generations = new ArrayDeque<>();

    /** Keys that were added one after the other. */
    private static final class Generation {
        private final long[] bits;
        private int keys;
        private Instant latest = Instant.MIN;

        Generation(int size) {
            bits = new long[size / Long.SIZE];
        }
    }

    /**
     * Knows no keys.
     *
     * @param life how long a key is in the store at most
     */
    public KnownKeys(Duration life) {
        this(life, KEYS);
    }

    /**
     * Knows no keys.
     *
     * @param keysEach how many a generation takes, ten at least
     */
    public KnownKeys(Duration life, int keysEach) {
        this.life = life;
        this.keysEach = keysEach;
        this.bits = Integer.highestOneBit(keysEach * BITS_EACH);
        generations.add(new Generation(bits));
    }

    /** False if the key was not added, or so long ago that it has left the store. */
    public boolean mayHave(Bytes key) {
        int one = one(key);
        int other = other(key);
        for (Generation generation : generations) {
            if (has(generation, one, other)) {
                return true;
            }
        }
        return false;
    }

    /** The key is in the store from now on. */
    public void add(Bytes key, Instant now) {
        Generation last = generations.getLast();
        if (last.keys >= keysEach) {
            generations.removeIf(old -> old.latest.plus(life).isBefore(now));
            last = new Generation(bits);
            generations.addLast(last);
        }
        last.keys++;
        last.latest = now;
        int hash = one(key);
        int step = other(key);
        for (int i = 0; i < HASHES; i++) {
            int bit = hash & (bits - 1);
            last.bits[bit >>> 6] |= 1L << bit;
            hash += step;
        }
    }

    private boolean has(Generation generation, int first, int step) {
        int hash = first;
        for (int i = 0; i < HASHES; i++) {
            int bit = hash & (bits - 1);
            if ((generation.bits[bit >>> 6] & 1L << bit) == 0) {
                return false;
            }
            hash += step;
        }
        return true;
    }

    private static int one(Bytes key) {
        return Utils.murmur2(key.get());
    }

    /** Odd, so that it comes by all bits. */
    private static int other(Bytes key) {
        int hash = Arrays.hashCode(key.get()) * 0x9E3779B1;
        return (hash ^ hash >>> 15) | 1;
    }
}
