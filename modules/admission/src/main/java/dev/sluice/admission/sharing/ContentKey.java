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
 * The identity of a request's content: requests of a user with the same key have the same content,
 * version of the analysis and model.
 *
 * @param bytes the first 16 bytes of a SHA-256
 */
public record ContentKey(Bytes bytes) {
    /** 16 bytes are enough: a collision could only happen between requests of one user. */
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

    /** Reads a key from a job or a settlement. */
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
