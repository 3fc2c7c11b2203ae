package dev.sluice.admission;

import dev.sluice.contract.SourceRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Requests that could not be decided on because the registry did not answer, in the order they
 * came. They live in admission's one state store under a prefix of their own, and so survive
 * restarts.
 */
final class PendingRequests {
    private static final byte PREFIX = 'p';
    private static final Bytes FROM = Bytes.wrap(new byte[] {PREFIX});

    /** Above every key of a request: partitions and offsets are never negative. */
    private static final Bytes TO = Bytes.wrap(new byte[] {PREFIX, (byte) 0xFF});

    private static final int KEY_BYTES = 1 + Integer.BYTES + Long.BYTES;

    private final KeyValueStore<Bytes, byte[]> store;
    private long size;

    PendingRequests(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
        this.size = count();
    }

    /**
     * A request that waits.
     *
     * @param refusals how often the registry said that it does not know the schema
     */
    record Pending(Bytes key, int refusals, SourceRecord source) {}

    long size() {
        return size;
    }

    void add(SourceRecord source, int refusals) {
        put(
                Bytes.wrap(
                        ByteBuffer.allocate(KEY_BYTES)
                                .put(PREFIX)
                                .putInt(source.getPartition())
                                .putLong(source.getOffset())
                                .array()),
                source,
                refusals);
        size++;
    }

    void refusedAgain(Pending pending) {
        put(pending.key(), pending.source(), pending.refusals() + 1);
    }

    void remove(Pending pending) {
        store.delete(pending.key());
        size--;
    }

    /** The oldest ones: at most so many, and no more once they have so many bytes together. */
    List<Pending> first(int limit, long maxBytes) {
        List<Pending> found = new ArrayList<>();
        long bytes = 0;
        try (KeyValueIterator<Bytes, byte[]> entries = store.range(FROM, TO)) {
            while (entries.hasNext() && found.size() < limit && bytes < maxBytes) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                bytes += entry.value.length;
                found.add(decoded(entry));
            }
        }
        return found;
    }

    private long count() {
        long count = 0;
        try (KeyValueIterator<Bytes, byte[]> entries = store.range(FROM, TO)) {
            while (entries.hasNext()) {
                entries.next();
                count++;
            }
        }
        return count;
    }

    private void put(Bytes key, SourceRecord source, int refusals) {
        try {
            ByteBuffer record = SourceRecord.getEncoder().encode(source);
            store.put(
                    key,
                    ByteBuffer.allocate(Integer.BYTES + record.remaining())
                            .putInt(refusals)
                            .put(record)
                            .array());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode a record in memory", e);
        }
    }

    private static Pending decoded(KeyValue<Bytes, byte[]> entry) {
        ByteBuffer value = ByteBuffer.wrap(entry.value);
        int refusals = value.getInt();
        try {
            return new Pending(
                    entry.key, refusals, SourceRecord.getDecoder().decode(value.slice()));
        } catch (IOException e) {
            throw new UncheckedIOException("the state store has a record that is no record", e);
        }
    }
}
