package dev.sluice.admission.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.Utils;

/**
 * A Bloom filter: finds every added key, and fewer than 1 in 100 other keys by mistake. It has 10
 * bits and 6 hashes per key. Not safe for use by several threads.
 *
 * <p>Example: 1,048,576 bits (128 KiB) hold up to 104,857 keys at that error rate.
 */
final class BloomFilter {
    private static final int BITS_EACH = 10;
    private static final int HASHES = 6;

    private final long[] bits;

    /**
     * An empty filter.
     *
     * @param bits size, a power of two
     */
    BloomFilter(int bits) {
        this.bits = new long[bits / Long.SIZE];
    }

    /** Two hashes of a key, from which the {@value #HASHES} bit positions are derived. */
    record Hashes(int first, int step) {
        static Hashes of(byte[] key) {
            int hash = Arrays.hashCode(key) * 0x9E3779B1;
            // An odd step reaches every bit.
            return new Hashes(Utils.murmur2(key), (hash ^ hash >>> 15) | 1);
        }
    }

    /** The largest power of two that is not above ten bits per key. */
    static int bitsFor(int keys) {
        return Integer.highestOneBit(keys * BITS_EACH);
    }

    /** The number of keys that a filter of this size holds at the error rate above. */
    static int capacity(int bits) {
        return bits / BITS_EACH;
    }

    /** The number of keys that this filter holds at the error rate above. */
    int capacity() {
        return capacity(size());
    }

    /** Size in bits. */
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

    /** False only if the key was never added. */
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

    /** The bits from one 64-bit word on, at most this many 64-bit words. */
    byte[] part(int from, int longs) {
        int count = Math.min(longs, bits.length - from);
        ByteBuffer out = ByteBuffer.allocate(count * Long.BYTES);
        out.asLongBuffer().put(bits, from, count);
        return out.array();
    }

    /** Restores bits that {@link #part} returned. */
    void restore(int from, byte[] part) {
        ByteBuffer.wrap(part).asLongBuffer().get(bits, from, part.length / Long.BYTES);
    }

    /** Size in 64-bit words. */
    int longs() {
        return bits.length;
    }
}
