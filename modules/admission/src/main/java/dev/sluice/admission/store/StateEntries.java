package dev.sluice.admission.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The entries of admission's state store, with batched writes: changes made while a record is
 * processed are written together at its end, because a batch costs little more than one entry. Not
 * safe for use by several threads.
 */
public final class StateEntries {
    /** Changes after which a batch is written early. */
    private static final int MOST = 1_000;

    private static final long MOST_BYTES = 4L << 20;

    private static final int RECENT_BYTES = 4 << 20;
    private static final int RECENT_PLACES = 1 << 14;
    private static final int RECENT_BYTES_EACH = 512;

    private final KeyValueStore<Bytes, byte[]> store;
    private final Map<Bytes, byte @Nullable []> changed = new LinkedHashMap<>();

    /**
     * Small values that were written recently: the entry of a request is read again when its job is
     * settled.
     */
    private final RecentValues recent =
            new RecentValues(RECENT_BYTES, RECENT_PLACES, RECENT_BYTES_EACH);

    private long bytes;

    public StateEntries(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /**
     * The value of a key, including unwritten changes; null if there is none. It must not be
     * changed.
     */
    public byte @Nullable [] get(Bytes key) {
        byte[] known = recent.get(key);
        if (known != null) {
            return known;
        }
        return changed.containsKey(key) ? changed.get(key) : store.get(key);
    }

    public void put(Bytes key, byte[] value) {
        change(key, value);
    }

    public void remove(Bytes key) {
        change(key, null);
    }

    private void change(Bytes key, byte @Nullable [] value) {
        changed.put(key, value);
        if (value == null) {
            recent.remove(key);
        } else {
            recent.put(key, value);
        }
        bytes += value == null ? 0 : value.length;
        if (changed.size() >= MOST || bytes >= MOST_BYTES) {
            write();
        }
    }

    /** The entries from one key to another, both included. Writes pending changes first. */
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
        write();
        return store.range(from, to);
    }

    /** Writes pending changes. Call it at the end of each record or timer. */
    public void write() {
        if (changed.isEmpty()) {
            return;
        }
        List<KeyValue<Bytes, byte[]>> batch = new ArrayList<>(changed.size());
        changed.forEach((key, value) -> batch.add(KeyValue.pair(key, value)));
        store.putAll(batch);
        changed.clear();
        bytes = 0;
    }
}
