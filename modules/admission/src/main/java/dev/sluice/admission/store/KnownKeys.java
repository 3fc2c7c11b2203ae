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
    /** One megabyte. */
    private static final int BITS = 1 << 23;

    /** With so many keys one in a hundred that is not there is looked for. */
    private static final int KEYS = 850_000;

    private static final int HASHES = 6;

    private final Duration life;
    private final Deque<Generation> generations = new ArrayDeque<>();

    /** Keys that were added one after the other. */
    private static final class Generation {
        private final long[] bits = new long[BITS / Long.SIZE];
        private int keys;
        private Instant latest = Instant.MIN;
    }

    /**
     * Knows no keys.
     *
     * @param life how long a key is in the store at most
     */
    public KnownKeys(Duration life) {
        this.life = life;
        generations.add(new Generation());
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
        if (last.keys >= KEYS) {
            generations.removeIf(old -> old.latest.plus(life).isBefore(now));
            last = new Generation();
            generations.addLast(last);
        }
        last.keys++;
        last.latest = now;
        int hash = one(key);
        int step = other(key);
        for (int i = 0; i < HASHES; i++) {
            int bit = hash & (BITS - 1);
            last.bits[bit >>> 6] |= 1L << bit;
            hash += step;
        }
    }

    private static boolean has(Generation generation, int first, int step) {
        int hash = first;
        for (int i = 0; i < HASHES; i++) {
            int bit = hash & (BITS - 1);
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
