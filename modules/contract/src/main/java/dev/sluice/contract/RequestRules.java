package dev.sluice.contract;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * The rules that a request must meet before any money is spent on it. Admission denies requests
 * that break one; publishers can check before they publish.
 */
@NullMarked
public final class RequestRules {
    private static final int MAX_ATTRIBUTES = 64;
    private static final int MAX_ATTRIBUTE_CHARACTERS = 16_384;

    /** Share of unprintable characters above which the content is taken for a binary file. */
    private static final double MAX_UNPRINTABLE = 0.05;

    private RequestRules() {}

    /**
     * A rule that a request breaks.
     *
     * @param reason the reason that its dead letter would have
     * @param message what is wrong; never content
     */
    public record Broken(Reason reason, String message) {}

    /**
     * The first rule that a request breaks; empty if it is valid.
     *
     * @param maxContentBytes the analysis's limit ({@code input.max_bytes}); {@code Long.MAX_VALUE}
     *     if it is not known
     */
    public static Optional<Broken> check(AnalysisRequest request, long maxContentBytes) {
        return id("requestId", request.getRequestId())
                .or(() -> id("userId", request.getUserId()))
                .or(() -> runId(request.getRunId()))
                .or(() -> missing(request))
                .or(() -> attributes(request))
                .or(() -> size(request.getContent(), maxContentBytes))
                .or(() -> content(request.getContent()));
    }

    /** Whether the request has a valid requestId and userId. */
    public static boolean hasIds(AnalysisRequest request) {
        return id("requestId", request.getRequestId())
                .or(() -> id("userId", request.getUserId()))
                .isEmpty();
    }

    private static Optional<Broken> id(String field, @Nullable CharSequence value) {
        return Ids.problem(field, value).flatMap(RequestRules::invalid);
    }

    /** Fields that a request of a program may lack, unlike one that was read from a record. */
    @SuppressWarnings("NullAway") // Fields of a generated record are null until they are set.
    private static Optional<Broken> missing(AnalysisRequest request) {
        if (request.getAnalysis() == null) {
            return invalid("analysis is missing");
        }
        if (request.getContent() == null) {
            return invalid("content is missing");
        }
        return request.getAttributes() == null
                ? invalid("attributes are missing; AnalysisRequest.newBuilder() sets defaults")
                : Optional.empty();
    }

    private static Optional<Broken> runId(@Nullable CharSequence value) {
        return value == null || Ids.text(value).isPresent()
                ? Optional.empty()
                : invalid("runId is not valid UTF-8");
    }

    private static Optional<Broken> attributes(AnalysisRequest request) {
        long characters = 0;
        for (var attribute : request.getAttributes().entrySet()) {
            if (Ids.text(attribute.getKey()).isEmpty()
                    || Ids.text(attribute.getValue()).isEmpty()) {
                return invalid("attributes are not valid UTF-8");
            }
            characters += (long) attribute.getKey().length() + attribute.getValue().length();
        }
        if (request.getAttributes().size() > MAX_ATTRIBUTES
                || characters > MAX_ATTRIBUTE_CHARACTERS) {
            return invalid(
                    "attributes are too many or too long; allowed are "
                            + MAX_ATTRIBUTES
                            + " with "
                            + MAX_ATTRIBUTE_CHARACTERS
                            + " characters in all");
        }
        return Optional.empty();
    }

    private static Optional<Broken> size(CharSequence content, long maxBytes) {
        long bytes = bytes(content);
        return bytes <= maxBytes
                ? Optional.empty()
                : Optional.of(
                        new Broken(
                                Reason.INPUT_TOO_LARGE,
                                "content has " + bytes + " bytes, the analysis takes " + maxBytes));
    }

    private static Optional<Broken> content(CharSequence content) {
        Optional<String> decoded = Ids.text(content);
        if (decoded.isEmpty()) {
            return invalid("content is not valid UTF-8");
        }
        String text = decoded.get();
        if (text.isBlank()) {
            return invalid("content is empty");
        }
        if (unprintable(text) > MAX_UNPRINTABLE * text.length()) {
            return invalid("content is a binary file, not text");
        }
        return Optional.empty();
    }

    /**
     * Counts unprintable characters in a plain loop, because contents have megabytes and all users'
     * requests share this thread.
     */
    private static int unprintable(String text) {
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            count += isUnprintable(text.charAt(i)) ? 1 : 0;
        }
        return count;
    }

    private static boolean isUnprintable(char character) {
        return character == 0xFFFD
                || (character < 0x20
                        && character != '\t'
                        && character != '\n'
                        && character != '\r'
                        && character != '\f');
    }

    private static long bytes(CharSequence text) {
        return text instanceof Utf8 utf8
                ? utf8.getByteLength()
                : text.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static Optional<Broken> invalid(String message) {
        return Optional.of(new Broken(Reason.INVALID_REQUEST, message));
    }
}
