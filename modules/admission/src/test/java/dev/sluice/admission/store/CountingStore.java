package dev.sluice.admission.store;

import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** A store in memory that counts what is read from it. */
public final class CountingStore implements KeyValueStore<Bytes, byte[]> {
    private final KeyValueStore<Bytes, byte[]> store =
            Stores.inMemoryKeyValueStore("counting").get();
    private long reads;
    private long scans;
    private long scannedEntries;
    private long bytes;

    /** Single entries that were asked for. */
    public long reads() {
        return reads;
    }

    /** Iterators that were opened: in RocksDB each goes through what was removed. */
    public long scans() {
        return scans;
    }

    /** Entries that iterators gave. */
    public long scannedEntries() {
        return scannedEntries;
    }

    /** Of values, however they were read. */
    public long bytesRead() {
        return bytes;
    }

    public void reset() {
        reads = 0;
        scans = 0;
        scannedEntries = 0;
        bytes = 0;
    }

    @Override
    public byte[] get(Bytes key) {
        reads++;
        byte[] value = store.get(key);
        bytes += value == null ? 0 : value.length;
        return value;
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
        scans++;
        return counted(store.range(from, to));
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        scans++;
        return counted(store.all());
    }

    private KeyValueIterator<Bytes, byte[]> counted(KeyValueIterator<Bytes, byte[]> found) {
        return new KeyValueIterator<>() {
            @Override
            public boolean hasNext() {
                return found.hasNext();
            }

            @Override
            public KeyValue<Bytes, byte[]> next() {
                KeyValue<Bytes, byte[]> next = found.next();
                scannedEntries++;
                bytes += next.value.length;
                return next;
            }

            @Override
            public Bytes peekNextKey() {
                return found.peekNextKey();
            }

            @Override
            public void close() {
                found.close();
            }
        };
    }

    @Override
    public void put(Bytes key, byte[] value) {
        store.put(key, value);
    }

    @Override
    public byte[] putIfAbsent(Bytes key, byte[] value) {
        return store.putIfAbsent(key, value);
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        store.putAll(entries);
    }

    @Override
    public byte[] delete(Bytes key) {
        return store.delete(key);
    }

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
        store.init(context, root);
    }

    @Override
    public void close() {
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
}
