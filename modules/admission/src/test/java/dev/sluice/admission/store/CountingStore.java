package dev.sluice.admission.store;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** A store in memory that counts reads. */
public final class CountingStore implements KeyValueStore<Bytes, byte[]> {
    private final NavigableMap<Bytes, byte[]> store = new ConcurrentSkipListMap<>();
    private long reads;
    private long writes;
    private long scans;
    private long scannedEntries;
    private long bytes;

    /** Number of single entries that were read. */
    public long reads() {
        return reads;
    }

    /** Number of entries that were written or deleted. */
    public long writes() {
        return writes;
    }

    /** Number of iterators that were opened; in RocksDB each also scans deleted entries. */
    public long scans() {
        return scans;
    }

    /** Number of entries that iterators returned. */
    public long scannedEntries() {
        return scannedEntries;
    }

    /** Bytes of values that were read, by get or by iterator. */
    public long bytesRead() {
        return bytes;
    }

    public void reset() {
        reads = 0;
        writes = 0;
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
        return counted(store.subMap(from, true, to, true));
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        return counted(store);
    }

    private KeyValueIterator<Bytes, byte[]> counted(NavigableMap<Bytes, byte[]> found) {
        scans++;
        Iterator<Map.Entry<Bytes, byte[]>> entries = found.entrySet().iterator();
        return new KeyValueIterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public KeyValue<Bytes, byte[]> next() {
                Map.Entry<Bytes, byte[]> next = entries.next();
                scannedEntries++;
                bytes += next.getValue().length;
                return KeyValue.pair(next.getKey(), next.getValue());
            }

            @Override
            public Bytes peekNextKey() {
                throw new UnsupportedOperationException("peekNextKey is not supported");
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void put(Bytes key, byte[] value) {
        writes++;
        if (value == null) {
            store.remove(key);
        } else {
            store.put(key, value);
        }
    }

    @Override
    public byte[] putIfAbsent(Bytes key, byte[] value) {
        return store.putIfAbsent(key, value);
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public byte[] delete(Bytes key) {
        return store.remove(key);
    }

    @Override
    public long approximateNumEntries() {
        return store.size();
    }

    @Override
    public String name() {
        return "counting";
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        throw new UnsupportedOperationException("belongs to no topology");
    }

    @Override
    public void close() {}

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return true;
    }
}
