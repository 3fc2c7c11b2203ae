package dev.sluice.admission.store;

import java.nio.ByteBuffer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;

/** How entries are written; the first byte of accounts, requests and segments. */
public final class EntryVersion {
    public static final byte CURRENT = 4;

    private EntryVersion() {}

    /**
     * Looks at one entry: all are of the same version.
     *
     * @throws IllegalStateException if another version wrote the store
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
     * What follows the version.
     *
     * @throws IllegalStateException if another one wrote it
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
                            + "). Let what is under way end with that version, then stop all"
                            + " instances and delete their state folders and the changelog topic");
        }
        return in;
    }
}
