package dev.sluice.admission.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * A cursor over all entries of a kind that visits a few entries per call and starts over at the
 * end. Not safe for use by several threads.
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
     * Visits the next entries and returns the keys of those that match. Values may be large, so
     * they are read one at a time.
     *
     * @param count number of entries to visit
     */
    public List<Bytes> next(int count, BiPredicate<Bytes, byte[]> wanted) {
        List<Bytes> found = new ArrayList<>();
        int seen = 0;
        Bytes last = from;
        try (KeyValueIterator<Bytes, byte[]> entries = store.range(from, StoreKeys.to(kind))) {
            while (entries.hasNext() && seen < count) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                seen++;
                last = entry.key;
                if (wanted.test(entry.key, entry.value)) {
                    found.add(entry.key);
                }
            }
        }
        from = seen < count ? StoreKeys.from(kind) : after(last);
        return found;
    }

    /**
     * Whether the cursor is at the first entry: nothing was visited yet, or the last call reached
     * the end.
     */
    public boolean isAtBeginning() {
        return from.equals(StoreKeys.from(kind));
    }

    /** Moves the cursor back to the first entry. */
    public void beginAgain() {
        from = StoreKeys.from(kind);
    }

    private static Bytes after(Bytes key) {
        byte[] next = Arrays.copyOf(key.get(), key.get().length + 1);
        return Bytes.wrap(next);
    }
}
