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
 * The stored records that wait for the schema registry, in the order in which they came. They are
 * in admission's state store and survive restarts. Records set aside are settlements whose schema
 * the registry does not know. Not safe for use by several threads.
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

    /** A waiting record. */
    public record Pending(Bytes key, Origin origin, SourceRecord record) {}

    /** The number of waiting records, without those set aside. */
    public long size() {
        return size;
    }

    /** The number of records set aside. */
    public long aside() {
        return aside;
    }

    /** Moves a waiting record to those set aside. */
    public void setAside(Pending pending) {
        byte[] key = pending.key().get().clone();
        key[0] = StoreKeys.SET_ASIDE;
        store.put(Bytes.wrap(key), SourceRecords.bytes(pending.record()));
        aside++;
        remove(pending);
    }

    /** Removes a record from those set aside. */
    public void removeAside(Pending pending) {
        store.remove(pending.key());
        aside--;
    }

    /**
     * The oldest records set aside.
     *
     * @param limit largest number of records
     * @param maxBytes size after which no further record is added
     */
    public List<Pending> firstAside(int limit, long maxBytes) {
        return from(ASIDE_FROM, ASIDE_TO, limit, maxBytes);
    }

    /**
     * Adds a waiting record.
     *
     * @param partition partition from which it was read
     * @param offset offset at which it was read
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

    /**
     * The oldest waiting records.
     *
     * @param limit largest number of records
     * @param maxBytes size after which no further record is added
     */
    public List<Pending> first(int limit, long maxBytes) {
        return from(FROM, TO, limit, maxBytes);
    }

    /**
     * The records after one, waiting or set aside as that one is.
     *
     * @param limit largest number of records
     * @param maxBytes size after which no further record is added
     */
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
