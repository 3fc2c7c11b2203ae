package dev.sluice.admission.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.common.utils.Bytes;

/**
 * A filter for keys that may be in the store. Most keys that are looked up are new, and a lookup of
 * a missing key costs as much as a write. Keys are held by Bloom filters in memory, in generations;
 * a generation is dropped when all its keys have left the store. Not safe for use by several
 * threads.
 */
public final class SeenKeys {
    /** Keys of a generation, whose filter has 1 MiB. */
    private static final int KEYS = 850_000;

    private final Duration life;
    private final int keysEach;
    private final int bits;
    private final Deque<Generation> generations = new ArrayDeque<>();

    /** Keys that were added one after the other, and when the last of them was added. */
    private static final class Generation {
        private final BloomFilter filter;
        private int keys;
        private Instant latest = Instant.MIN;

        Generation(int bits) {
            filter = new BloomFilter(bits);
        }
    }

    /**
     * Holds no keys.
     *
     * @param life longest time that a key is in the store
     */
    public SeenKeys(Duration life) {
        this(life, KEYS);
    }

    /**
     * Holds no keys.
     *
     * @param life longest time that a key is in the store
     * @param keysEach keys of a generation, at least ten
     */
    public SeenKeys(Duration life, int keysEach) {
        this.life = life;
        this.keysEach = keysEach;
        this.bits = BloomFilter.bitsFor(keysEach);
        generations.add(new Generation(bits));
    }

    /** False only if the key was never added, or left the store. */
    public boolean mayHave(Bytes key) {
        BloomFilter.Hashes hashes = BloomFilter.Hashes.of(key.get());
        for (Generation generation : generations) {
            if (generation.filter.mayHave(hashes)) {
                return true;
            }
        }
        return false;
    }

    /** Records that the key is in the store. */
    public void add(Bytes key, Instant now) {
        Generation last = generations.getLast();
        if (last.keys >= keysEach) {
            generations.removeIf(old -> old.latest.plus(life).isBefore(now));
            last = new Generation(bits);
            generations.addLast(last);
        }
        last.keys++;
        last.latest = now;
        last.filter.add(BloomFilter.Hashes.of(key.get()));
    }
}
