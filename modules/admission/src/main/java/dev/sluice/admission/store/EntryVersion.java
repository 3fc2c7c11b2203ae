package dev.sluice.admission.store;

import java.nio.ByteBuffer;

/** How entries are written; the first byte of accounts and requests. */
public final class EntryVersion {
    public static final byte CURRENT = 4;

    private EntryVersion() {}

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
