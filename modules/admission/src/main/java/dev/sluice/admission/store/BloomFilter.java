package dev.sluice.admission.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.Utils;

/**
 * Knows of keys that they were added, and of all but one in a hundred others that they were not.
 */
final class BloomFilter {
    private static final int BITS_EACH = 10;
    private static final int HASHES = 6;

    private final long[] bits;

    /**
     * Knows no keys.
     *
     * @param bits a power of two
     */
    BloomFilter(int bits) {
        this.bits = new long[bits / Long.SIZE];
    }

    /** Two hashes of a key, from which all others are made. */
    record Hashes(int first, int step) {
        static Hashes of(byte[] key) {
            int hash = Arrays.hashCode(key) * 0x9E3779B1;
            // Odd, so that it comes by all bits.
            return new Hashes(Utils.murmur2(key), (hash ^ hash >>> 15) | 1);
        }
    }

    /** How many bits hold so many keys: the power of two below ten for each. */
    static int bitsFor(int keys) {
        return Integer.highestOneBit(keys * BITS_EACH);
    }

    /** How many keys so many bits hold. */
    static int capacity(int bits) {
        return bits / BITS_EACH;
    }

    /** How many keys it takes. */
    int capacity() {
        return capacity(size());
    }

    /** In bits. */
    int size() {
        return bits.length * Long.SIZE;
    }

    void add(Hashes key) {
        int hash = key.first();
        for (int i = 0; i < HASHES; i++) {
            int bit = hash & (size() - 1);
            bits[bit >>> 6] |= 1L << bit;
            hash += key.step();
        }
    }

    boolean mayHave(Hashes key) {
        int hash = key.first();
        for (int i = 0; i < HASHES; i++) {
            int bit = hash & (size() - 1);
            if ((bits[bit >>> 6] & 1L << bit) == 0) {
                return false;
            }
            hash += key.step();
        }
        return true;
    }

    /** Its bits from one long on, at most so many longs of them. */
    byte[] part(int from, int longs) {
        int count = Math.min(longs, bits.length - from);
        ByteBuffer out = ByteBuffer.allocate(count * Long.BYTES);
        out.asLongBuffer().put(bits, from, count);
        return out.array();
    }

    /** Takes over bits as {@link #part} gave them. */
    void restore(int from, byte[] part) {
        ByteBuffer.wrap(part).asLongBuffer().get(bits, from, part.length / Long.BYTES);
    }

    /** How many longs it has. */
    int longs() {
        return bits.length;
    }
}
