package dev.sluice.admission.outage;

import dev.sluice.admission.store.StateEntries;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.validate.SourceRecords;
import dev.sluice.contract.SourceRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Records that could not be decoded because the registry did not answer, in the order they came.
 * They live in admission's one state store under a prefix of their own, and so survive restarts.
 */
public final class PendingRecords {
    private static final Bytes FROM = StoreKeys.from(StoreKeys.PENDING);
    private static final Bytes TO = StoreKeys.to(StoreKeys.PENDING);
    private static final Bytes ASIDE_FROM = StoreKeys.from(StoreKeys.SET_ASIDE);
    private static final Bytes ASIDE_TO = StoreKeys.to(StoreKeys.SET_ASIDE);
    private static final int KEY_BYTES = 1 + 1 + Integer.BYTES + Long.BYTES;

    private final StateEntries store;
    private long size;
    private long aside;

    public PendingRecords(StateEntries store) {
        this.store = store;
        this.size = count(FROM, TO);
        this.aside = count(ASIDE_FROM, ASIDE_TO);
    }

    /** A record that waits. */
    public record Pending(Bytes key, Origin origin, SourceRecord record) {}

    public long size() {
        return size;
    }

    /** Those that are set aside. */
    public long aside() {
        return aside;
    }

    /** It waits apart from the others from now on. */
    public void setAside(Pending pending) {
        byte[] key = pending.key().get().clone();
        key[0] = StoreKeys.SET_ASIDE;
        store.put(Bytes.wrap(key), SourceRecords.bytes(pending.record()));
        aside++;
        remove(pending);
    }

    /** It waits no more. */
    public void removeAside(Pending pending) {
        store.remove(pending.key());
        aside--;
    }

    /** The oldest of those that are set aside, at most so many. */
    public List<Pending> firstAside(int limit, long maxBytes) {
        return from(ASIDE_FROM, ASIDE_TO, limit, maxBytes);
    }

    /**
     * Lets a record wait.
     *
     * @param partition where it was read
     * @param offset where it was read
     */
    public void add(Origin origin, int partition, long offset, SourceRecord record) {
        store.put(
                Bytes.wrap(
                        ByteBuffer.allocate(KEY_BYTES)
                                .put(StoreKeys.PENDING)
                                .put(origin.inKeys())
                                .putInt(partition)
                                .putLong(offset)
                                .array()),
                SourceRecords.bytes(record));
        size++;
    }

    public void remove(Pending pending) {
        store.remove(pending.key());
        size--;
    }

    /** The oldest ones: at most so many, and no more once they have so many bytes together. */
    public List<Pending> first(int limit, long maxBytes) {
        return from(FROM, TO, limit, maxBytes);
    }

    /** The same, of those behind one. */
    public List<Pending> after(Pending before, int limit, long maxBytes) {
        byte[] key = before.key().get();
        return from(
                Bytes.wrap(Arrays.copyOf(key, key.length + 1)),
                StoreKeys.to(key[0]),
                limit,
                maxBytes);
    }

    private List<Pending> from(Bytes from, Bytes to, int limit, long maxBytes) {
        List<Pending> found = new ArrayList<>();
        long bytes = 0;
        try (KeyValueIterator<Bytes, byte[]> entries = store.range(from, to)) {
            while (entries.hasNext() && found.size() < limit && bytes < maxBytes) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                bytes += entry.value.length;
                found.add(decoded(entry));
            }
        }
        return found;
    }

    private long count(Bytes from, Bytes to) {
        long count = 0;
        try (KeyValueIterator<Bytes, byte[]> entries = store.range(from, to)) {
            while (entries.hasNext()) {
                entries.next();
                count++;
            }
        }
        return count;
    }

    private static Pending decoded(KeyValue<Bytes, byte[]> entry) {
        Origin origin = Origin.of(entry.key.get()[1]);
        return new Pending(entry.key, origin, SourceRecords.decoded(ByteBuffer.wrap(entry.value)));
    }
}
