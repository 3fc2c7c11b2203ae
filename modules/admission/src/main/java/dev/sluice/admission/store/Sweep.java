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
 * end, at once or after a rest. Not safe for use by several threads.
 */
public final class Sweep {
    private final StateEntries store;
    private final byte kind;
    private final int rest;
    private Bytes from;

    /** Calls that still visit nothing. */
    private int resting;

    /** A sweep that starts over at once. */
    public Sweep(StateEntries store, byte kind) {
        this(store, kind, 0);
    }

    /**
     * A sweep that rests at the end. Entries that change often are slow to visit, because the store
     * passes their old versions, so a sweep that is not urgent must not go round and round over few
     * of them.
     *
     * @param rest calls after the end that visit nothing
     */
    public Sweep(StateEntries store, byte kind, int rest) {
        this.store = store;
        this.kind = kind;
        this.rest = rest;
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
        if (resting > 0) {
            resting--;
            return found;
        }
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
        if (seen < count) {
            beginAgain();
            resting = rest;
        } else {
            from = after(last);
        }
        return found;
    }

    /**
     * Whether the cursor is at the first entry: nothing was visited yet, or the last call that
     * visited entries reached the end.
     */
    public boolean isAtBeginning() {
        return from.equals(StoreKeys.from(kind));
    }

    /** Moves the cursor back to the first entry, without a rest. */
    public void beginAgain() {
        from = StoreKeys.from(kind);
        resting = 0;
    }

    private static Bytes after(Bytes key) {
        byte[] next = Arrays.copyOf(key.get(), key.get().length + 1);
        return Bytes.wrap(next);
    }
}
