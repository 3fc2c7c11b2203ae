package dev.sluice.contract;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * The rules for ids of users and requests: 1 to {@value #MAX_CHARACTERS} characters of valid UTF-8
 * without control characters. Invalid UTF-8 is not an id, because two different ids would read as
 * the same text.
 */
@NullMarked
public final class Ids {
    private static final int MAX_CHARACTERS = 256;
    private static final char REPLACEMENT = '\uFFFD';

    private Ids() {}

    /** The problem with an id; empty if it is valid. */
    public static Optional<String> problem(String field, @Nullable CharSequence value) {
        if (value == null) {
            return Optional.of(field + " is missing");
        }
        Optional<String> decoded = text(value);
        if (decoded.isEmpty()) {
            return Optional.of(field + " is not valid UTF-8");
        }
        String text = decoded.get();
        if (text.isBlank()) {
            return Optional.of(field + " is empty");
        }
        if (text.length() > MAX_CHARACTERS) {
            return Optional.of(
                    field + " has " + text.length() + " characters, allowed are " + MAX_CHARACTERS);
        }
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            return Optional.of(field + " has control characters");
        }
        return Optional.empty();
    }

    /**
     * The text of a string field; empty if its bytes are not valid UTF-8. Avro does not check the
     * bytes of a string.
     */
    public static Optional<String> text(CharSequence value) {
        if (!(value instanceof Utf8 utf8)) {
            return Optional.of(value.toString());
        }
        // Invalid bytes read as U+FFFD, and so does U+FFFD itself. Only such texts are decoded
        // strictly.
        byte[] bytes = utf8.getBytes();
        int length = utf8.getByteLength();
        String lenient = new String(bytes, 0, length, StandardCharsets.UTF_8);
        return lenient.indexOf(REPLACEMENT) < 0
                ? Optional.of(lenient)
                : text(ByteBuffer.wrap(bytes, 0, length));
    }

    /** The text of bytes; empty if they are not valid UTF-8. */
    public static Optional<String> text(ByteBuffer bytes) {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(bytes.duplicate())
                            .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
