package dev.sluice.admission.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Values that were put of late, by their keys; one that is not here may still be in the store. They
 * are copied into one array, over the oldest: as objects they would live for seconds, and each
 * collection of the young generation would copy them while admission stands still. Not safe for use
 * by several threads.
 */
final class RecentValues {
    /** Before each key and its value: how long either is. */
    private static final int HEADER = 2 * Integer.BYTES;

    private static final long NOWHERE = -1;

    private final ByteBuffer ring;

    /** By a key's hash: where it was put, counted in bytes from the first ever. */
    private final long[] places;

    private final int longest;

    /** Where the next one goes, counted likewise. */
    private long end;

    /**
     * Holds nothing.
     *
     * @param bytes room for keys and values
     * @param places for how many keys, a power of two; of keys that share one, the last is held
     * @param longest bytes of a value; longer ones are not held
     */
    RecentValues(int bytes, int places, int longest) {
        this.ring = ByteBuffer.allocate(bytes);
        this.places = new long[places];
        this.longest = longest;
        Arrays.fill(this.places, NOWHERE);
    }

    /** What was put last, if it is here. */
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
        int untilTurn = ring.capacity() - index(end);
        if (size > untilTurn) {
            end += untilTurn;
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

    /** Whether this key is at a place, and nothing was put over it. */
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
