package dev.sluice.admission.store;

import java.nio.ByteBuffer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * The version of the entries' format: the first byte of accounts, requests, segments, totals and
 * trials.
 */
public final class EntryVersion {
    public static final byte CURRENT = 5;

    private EntryVersion() {}

    /**
     * Checks one account: all entries of a store have the same version.
     *
     * @throws IllegalStateException if another version of admission wrote the store
     */
    public static void check(StateEntries store) {
        try (KeyValueIterator<Bytes, byte[]> accounts =
                store.range(StoreKeys.from(StoreKeys.ACCOUNT), StoreKeys.to(StoreKeys.ACCOUNT))) {
            if (accounts.hasNext()) {
                ByteBuffer _ = after(accounts.next().value);
            }
        }
    }

    /**
     * The bytes after the version.
     *
     * @throws IllegalStateException if another version of admission wrote the entry
     */
    public static ByteBuffer after(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        byte version = in.get();
        if (version != CURRENT) {
            throw new IllegalStateException(
                    "the state store was written by another version of admission ("
                            + version
                            + ", this one knows "
                            + CURRENT
                            + "). Let running jobs end with that version, then stop all"
                            + " instances and delete their state folders and the changelog topic");
        }
        return in;
    }
}
