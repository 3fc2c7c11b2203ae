package dev.sluice.admission.store;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what was written last in memory, and writes it to the store beneath in large batches. Most
 * entries of a request are changed again before its job ends, so the store sees the last change
 * only. The changelog is above, and sees all of them.
 *
 * <p>The buffer is written when it is full, before a scan that could miss a change, and before
 * Kafka Streams records up to which offset of the changelog the store is complete. Under
 * exactly-once, Kafka Streams does that when a task stops, and restores the whole store after a
 * crash. So a store that is opened again lacks nothing. Used by one thread at a time. Values that
 * were put or read must not be changed.
 */
public final class WriteBuffer implements KeyValueStore<Bytes, byte[]> {
    private static final int MOST = 2_000;
    private static final long MOST_BYTES = 1L << 20;

    private final KeyValueStore<Bytes, byte[]> store;
    private final Map<Bytes, byte @Nullable []> changed = new LinkedHashMap<>();

    /** The first bytes of the changed keys, which are their kinds. */
    private final BitSet kinds = new BitSet();

    /** An upper bound: what was overwritten counts, too. */
    private long bytes;

    private WriteBuffer(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /** Puts a buffer before each store of a supplier of plain stores, without timestamps. */
    public static KeyValueBytesStoreSupplier before(KeyValueBytesStoreSupplier stores) {
        return new KeyValueBytesStoreSupplier() {
            @Override
            public String name() {
                return stores.name();
            }

            @Override
            public KeyValueStore<Bytes, byte[]> get() {
                return new WriteBuffer(stores.get());
            }

            @Override
            public String metricsScope() {
                return stores.metricsScope();
            }
        };
    }

    @Override
    public byte @Nullable [] get(Bytes key) {
        byte[] unwritten = changed.get(key);
        return unwritten != null || changed.containsKey(key) ? unwritten : store.get(key);
    }

    @Override
    public void put(Bytes key, byte @Nullable [] value) {
        change(key, value);
        writeIfFull();
    }

    @Override
    public byte @Nullable [] putIfAbsent(Bytes key, byte @Nullable [] value) {
        byte[] present = get(key);
        if (present == null) {
            put(key, value);
        }
        return present;
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        entries.forEach(entry -> change(entry.key, entry.value));
        writeIfFull();
    }

    @Override
    public byte @Nullable [] delete(Bytes key) {
        byte[] present = get(key);
        put(key, null);
        return present;
    }

    private void change(Bytes key, byte @Nullable [] value) {
        kinds.set(kind(key));
        changed.put(key, value);
        bytes += key.get().length + (value == null ? 0 : value.length);
    }

    private void writeIfFull() {
        if (changed.size() >= MOST || bytes >= MOST_BYTES) {
            write();
        }
    }

    private void write() {
        if (changed.isEmpty()) {
            return;
        }
        List<KeyValue<Bytes, byte[]>> batch = new ArrayList<>(changed.size());
        changed.forEach((key, value) -> batch.add(KeyValue.pair(key, value)));
        store.putAll(batch);
        discard();
    }

    private void discard() {
        changed.clear();
        kinds.clear();
        bytes = 0;
    }

    private static int kind(Bytes key) {
        return Byte.toUnsignedInt(key.get()[0]);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(@Nullable Bytes from, @Nullable Bytes to) {
        if (from == null || to == null || hasChanged(kind(from), kind(to))) {
            write();
        }
        return store.range(from, to);
    }

    /** Whether a key of one of these kinds was changed and is not in the store yet. */
    private boolean hasChanged(int first, int last) {
        int changedKind = kinds.nextSetBit(first);
        return changedKind >= 0 && changedKind <= last;
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        write();
        return store.all();
    }

    /** Without the buffer's. */
    @Override
    public long approximateNumEntries() {
        return store.approximateNumEntries();
    }

    @Override
    public String name() {
        return store.name();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        discard();
        store.init(context, root);
    }

    @Override
    public void commit(Map<TopicPartition, Long> offsets) {
        write();
        store.commit(offsets);
    }

    @Override
    public @Nullable Long committedOffset(TopicPartition partition) {
        return store.committedOffset(partition);
    }

    @Override
    @SuppressWarnings("deprecation") // still asked by Kafka Streams 4.3
    public boolean managesOffsets() {
        return store.managesOffsets();
    }

    /**
     * Discards what is not written. A task that ends well has committed before; a task that failed
     * must not leave changes of its aborted transaction to the next one.
     */
    @Override
    public void close() {
        discard();
        store.close();
    }

    @Override
    public boolean persistent() {
        return store.persistent();
    }

    @Override
    public boolean isOpen() {
        return store.isOpen();
    }

    @Override
    public Position getPosition() {
        return store.getPosition();
    }
}
