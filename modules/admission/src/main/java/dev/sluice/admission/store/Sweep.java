package dev.sluice.admission.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Goes through all entries of a kind, some at a time, and begins again at the end. Not safe for use
 * by several threads.
 */
public final class Sweep {
    private final StateEntries store;
    private final byte kind;
    private Bytes from;

    public Sweep(StateEntries store, byte kind) {
        this.store = store;
        this.kind = kind;
        this.from = StoreKeys.from(kind);
    }

    /**
     * The keys of those of the next entries that are wanted. StateEntries may be large, so they are
     * looked at one at a time.
     */
    public List<Bytes> next(int count, Predicate<byte[]> wanted) {
        List<Bytes> found = new ArrayList<>();
        int seen = 0;
        Bytes last = from;
        try (KeyValueIterator<Bytes, byte[]> entries = store.range(from, StoreKeys.to(kind))) {
            while (entries.hasNext() && seen < count) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                seen++;
                last = entry.key;
                if (wanted.test(entry.value)) {
                    found.add(entry.key);
                }
            }
        }
        from = seen < count ? StoreKeys.from(kind) : after(last);
        return found;
    }

    /** Whether nothing was looked at since the beginning, or all was. */
    public boolean isAtBeginning() {
        return from.equals(StoreKeys.from(kind));
    }

    /** What was looked at already is looked at again. */
    public void beginAgain() {
        from = StoreKeys.from(kind);
    }

    private static Bytes after(Bytes key) {
        byte[] next = Arrays.copyOf(key.get(), key.get().length + 1);
        return Bytes.wrap(next);
    }
}
