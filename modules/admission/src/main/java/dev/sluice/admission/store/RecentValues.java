package dev.sluice.admission.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A cache of recently written values by key. A value that is not here may still be in the store.
 * Keys and values are copied into one ring buffer, over the oldest: as objects they would live for
 * seconds, and each collection of the young generation would copy them while admission pauses. Not
 * safe for use by several threads.
 */
final class RecentValues {
    /** Bytes before each key and value, which hold their two lengths. */
    private static final int HEADER = 2 * Integer.BYTES;

    private static final long NOWHERE = -1;

    private final ByteBuffer ring;

    /** The position of each key by its hash, in bytes since the first put. */
    private final long[] places;

    private final int longest;

    /** The position of the next put, in bytes since the first put. */
    private long end;

    /**
     * An empty cache.
     *
     * @param bytes size of the ring buffer
     * @param places number of hash slots, a power of two; of keys that share a slot, the last is
     *     kept
     * @param longest bytes of the longest value that is kept
     */
    RecentValues(int bytes, int places, int longest) {
        this.ring = ByteBuffer.allocate(bytes);
        this.places = new long[places];
        this.longest = longest;
        Arrays.fill(this.places, NOWHERE);
    }

    /** The last value of the key; null if it is not in the cache. */
    byte @Nullable [] get(Bytes key) {
        long place = places[slot(key)];
        if (!isOf(key.get(), place)) {
            return null;
        }
        int at = index(place);
        byte[] value = new byte[ring.getInt(at + Integer.BYTES)];
        ring.get(at + HEADER + key.get().length, value);
        return value;
    }

    void put(Bytes key, byte[] value) {
        int size = HEADER + key.get().length + value.length;
        if (value.length > longest || size > ring.capacity()) {
            remove(key);
            return;
        }
        int untilEnd = ring.capacity() - index(end);
        if (size > untilEnd) {
            end += untilEnd;
        }
        int at = index(end);
        ring.putInt(at, key.get().length);
        ring.putInt(at + Integer.BYTES, value.length);
        ring.put(at + HEADER, key.get());
        ring.put(at + HEADER + key.get().length, value);
        places[slot(key)] = end;
        end += size;
    }

    void remove(Bytes key) {
        int slot = slot(key);
        if (isOf(key.get(), places[slot])) {
            places[slot] = NOWHERE;
        }
    }

    /** Whether this key is at a position and has not been overwritten. */
    private boolean isOf(byte[] key, long place) {
        if (place == NOWHERE || end - place > ring.capacity()) {
            return false;
        }
        int at = index(place);
        int from = at + HEADER;
        return ring.getInt(at) == key.length
                && Arrays.equals(ring.array(), from, from + key.length, key, 0, key.length);
    }

    private int slot(Bytes key) {
        int hash = Arrays.hashCode(key.get()) * 0x9E3779B1;
        return (hash ^ hash >>> 16) & (places.length - 1);
    }

    private int index(long place) {
        return (int) (place % ring.capacity());
    }
}
