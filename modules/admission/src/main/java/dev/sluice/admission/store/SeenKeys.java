package dev.sluice.admission.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.common.utils.Bytes;

/**
 * Which keys may be in the store: most that are asked for are new, and looking for what is not
 * there costs as much as writing it. A Bloom filter in memory, in generations: whatever is in one
 * that was closed long ago has left the store.
 */
public final class SeenKeys {
    /** So many to a generation of a megabyte. */
    private static final int KEYS = 850_000;

    private final Duration life;
    private final int keysEach;
    private final int bits;
    private final Deque<Generation> generations = new ArrayDeque<>();

    /** Keys that were added one after the other. */
    private static final class Generation {
        private final BloomFilter filter;
        private int keys;
        private Instant latest = Instant.MIN;

        Generation(int bits) {
            filter = new BloomFilter(bits);
        }
    }

    /**
     * Knows no keys.
     *
     * @param life how long a key is in the store at most
     */
    public SeenKeys(Duration life) {
        this(life, KEYS);
    }

    /**
     * Knows no keys.
     *
     * @param keysEach how many a generation takes, ten at least
     */
    public SeenKeys(Duration life, int keysEach) {
        this.life = life;
        this.keysEach = keysEach;
        this.bits = BloomFilter.bitsFor(keysEach);
        generations.add(new Generation(bits));
    }

    /** False if the key was not added, or so long ago that it has left the store. */
    public boolean mayHave(Bytes key) {
        BloomFilter.Hashes hashes = BloomFilter.Hashes.of(key.get());
        for (Generation generation : generations) {
            if (generation.filter.mayHave(hashes)) {
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
        last.filter.add(BloomFilter.Hashes.of(key.get()));
    }
}
