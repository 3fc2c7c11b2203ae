package dev.sluice.admission.validate;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.avro.util.Utf8;

/**
 * What ids of users and requests must be like. They are told apart by their text, so bytes that are
 * no text are none: two such ids would read as one.
 */
public final class Ids {
    private static final int MAX_CHARACTERS = 256;
    private static final char REPLACEMENT = '\uFFFD';

    private Ids() {}

    /** What is wrong with an id; empty if it can be one. */
    public static Optional<String> problem(String field, CharSequence value) {
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
     * A text; empty if its bytes are none. Avro does not look at the bytes of a string; whoever
     * wrote them may not have either.
     */
    public static Optional<String> text(CharSequence value) {
        if (!(value instanceof Utf8 utf8)) {
            return Optional.of(value.toString());
        }
        // What is no UTF-8 reads as U+FFFD, but so does U+FFFD itself: only then is it looked into.
        byte[] bytes = utf8.getBytes();
        int length = utf8.getByteLength();
        String lenient = new String(bytes, 0, length, StandardCharsets.UTF_8);
        return lenient.indexOf(REPLACEMENT) < 0
                ? Optional.of(lenient)
                : text(ByteBuffer.wrap(bytes, 0, length));
    }

    /** The same, of bytes. */
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
