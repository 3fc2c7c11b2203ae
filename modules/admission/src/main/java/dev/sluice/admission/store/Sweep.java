package dev.sluice.admission.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** Goes through all entries of a kind, some at a time, and begins again at the end. */
public final class Sweep {
    private final KeyValueStore<Bytes, byte[]> store;
    private final byte kind;
    private Bytes from;

    public Sweep(KeyValueStore<Bytes, byte[]> store, byte kind) {
        this.store = store;
        this.kind = kind;
        this.from = StoreKeys.from(kind);
    }

    /** Shows the next entries; they may be deleted. */
    public void next(int count, BiConsumer<Bytes, byte[]> look) {
        List<KeyValue<Bytes, byte[]>> found = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> entries = store.range(from, StoreKeys.to(kind))) {
            while (entries.hasNext() && found.size() < count) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                if (entry.key.get()[0] == kind) {
                    found.add(entry);
                }
            }
        }
        from = found.size() < count ? StoreKeys.from(kind) : after(found.getLast().key);
        found.forEach(entry -> look.accept(entry.key, entry.value));
    }

    private static Bytes after(Bytes key) {
        byte[] next = Arrays.copyOf(key.get(), key.get().length + 1);
        return Bytes.wrap(next);
    }
}
