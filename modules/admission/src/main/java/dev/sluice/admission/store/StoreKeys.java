package dev.sluice.admission.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;

/**
 * The keys of admission's state store. Each kind of entry has a prefix. A zero byte ends the user's
 * id, because ids have no control characters.
 */
public final class StoreKeys {
    public static final byte ACCOUNT = 'a';
    public static final byte ADDITION = 'b';
    public static final byte CONTENT = 'c';
    public static final byte TRIAL = 'e';
    public static final byte FILTER = 'f';
    public static final byte QUEUE = 'l';
    public static final byte PENDING = 'p';
    public static final byte SET_ASIDE = 'q';
    public static final byte REQUEST = 'r';
    public static final byte SEGMENT = 's';
    public static final byte TOTAL = 't';
    public static final byte TRIAL_UNIT = 'u';
    public static final byte RECORD = 'v';
    public static final byte WAITING = 'w';

    private StoreKeys() {}

    /** The lower bound of all keys of a kind. */
    public static Bytes from(byte kind) {
        return Bytes.wrap(new byte[] {kind});
    }

    /** The upper bound of all keys of a kind. */
    public static Bytes to(byte kind) {
        return Bytes.wrap(new byte[] {(byte) (kind + 1)});
    }

    /**
     * A key of a kind and user.
     *
     * @param rest distinguishes the user's entries of this kind
     */
    public static Bytes ofUser(byte kind, String user, byte[] rest) {
        byte[] name = utf8(user);
        return Bytes.wrap(
                ByteBuffer.allocate(2 + name.length + rest.length)
                        .put(kind)
                        .put(name)
                        .put((byte) 0)
                        .put(rest)
                        .array());
    }

    /** The user in a key that {@link #ofUser} made. */
    public static String user(Bytes key) {
        byte[] bytes = key.get();
        return new String(bytes, 1, end(bytes) - 1, StandardCharsets.UTF_8);
    }

    /** The bytes after the user in a key that {@link #ofUser} made. */
    public static byte[] rest(Bytes key) {
        byte[] bytes = key.get();
        return Arrays.copyOfRange(bytes, end(bytes) + 1, bytes.length);
    }

    private static int end(byte[] key) {
        int end = 1;
        while (key[end] != 0) {
            end++;
        }
        return end;
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
