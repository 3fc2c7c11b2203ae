package dev.sluice.runtime.outcome;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.Violation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** What dead letters keep of the content that they are about. */
public record DeadLetterContent(RawAnswers rawAnswers, Original original) {
    private static final Pattern HASH = Pattern.compile("sha256:[0-9a-f]{64}, \\d+ bytes");

    /** Everything is kept. */
    public static final DeadLetterContent WHOLE =
            new DeadLetterContent(RawAnswers.KEEP, Original.KEEP);

    /** What dead letters keep of the model's answers. */
    public enum RawAnswers {
        /** The answers as they came. */
        KEEP,
        /** The SHA-256 and the length of each answer. */
        HASH,
        /** Nothing. */
        DROP
    }

    /** What dead letters keep of the request's record. */
    public enum Original {
        /** The record. */
        KEEP,
        /** Its topic, partition and offset, and a hash. */
        REFERENCE
    }

    /**
     * A dead letter without what is not kept. Messages of violations may quote an answer, so they
     * are left out together with the answers; path and rule stay.
     */
    DeadLetter of(DeadLetter letter) {
        if (equals(WHOLE)) {
            return letter;
        }
        DeadLetter.Builder kept = DeadLetter.newBuilder(letter);
        if (rawAnswers != RawAnswers.KEEP) {
            kept.setRawAnswers(
                    rawAnswers == RawAnswers.DROP
                            ? List.of()
                            : letter.getRawAnswers().stream()
                                    .map(DeadLetterContent::hashed)
                                    .toList());
            kept.setViolations(
                    letter.getViolations().stream()
                            .map(violation ->
                                    Violation.newBuilder(violation).setMessage("").build())
                            .toList());
        }
        if (original == Original.REFERENCE && letter.getOriginal() instanceof SourceRecord record) {
            kept.setOriginal(DeadLetterWriter.reference(record));
        }
        return kept.build();
    }

    /** Whether a raw answer of a dead letter is only the hash of one. */
    public static boolean isHash(CharSequence answer) {
        return HASH.matcher(answer).matches();
    }

    private static CharSequence hashed(CharSequence answer) {
        if (isHash(answer)) {
            // The copy of another dead letter, for an identical request.
            return answer;
        }
        byte[] bytes = answer.toString().getBytes(StandardCharsets.UTF_8);
        return "sha256:"
                + DeadLetterWriter.sha256(ByteBuffer.wrap(bytes))
                + ", "
                + bytes.length
                + " bytes";
    }
}
