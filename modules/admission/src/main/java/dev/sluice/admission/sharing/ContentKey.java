package dev.sluice.admission.sharing;

import dev.sluice.analysis.definition.AnalysisDefinition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.utils.Bytes;

/**
 * What is asked: two requests of a user with the same key ask the same, of the same version of an
 * analysis and the same model.
 *
 * @param bytes the beginning of a SHA-256
 */
public record ContentKey(Bytes bytes) {
    /** Users can only collide with themselves. */
    private static final int LENGTH = 16;

    public static ContentKey of(AnalysisDefinition definition, CharSequence content) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        digest.update(utf8(definition.fingerprint()));
        digest.update((byte) 0);
        digest.update(utf8(definition.models().model()));
        digest.update((byte) 0);
        if (content instanceof Utf8 text) {
            digest.update(text.getBytes(), 0, text.getByteLength());
        } else {
            digest.update(utf8(content.toString()));
        }
        return new ContentKey(Bytes.wrap(Arrays.copyOf(digest.digest(), LENGTH)));
    }

    /** A key as it travels with jobs and settlements. */
    public static ContentKey of(ByteBuffer bytes) {
        byte[] key = new byte[bytes.remaining()];
        bytes.duplicate().get(key);
        return new ContentKey(Bytes.wrap(key));
    }

    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes.get());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
