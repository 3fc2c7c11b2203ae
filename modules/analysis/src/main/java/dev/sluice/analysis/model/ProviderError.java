package dev.sluice.analysis.model;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An error as a provider puts it: OpenAI and those that imitate it have a code (a text, a number,
 * or null) and a type, Anthropic a type. What is not there is empty.
 */
record ProviderError(int status, String code, String type, String message) {

    /** The body of an error as maps, lists and plain values, if there is one. */
    interface Body {
        @Nullable Object read();
    }

    /** Reads the body of an error, whatever it is. */
    static ProviderError of(int status, Body body) {
        return fields(body)
                .map(error ->
                        new ProviderError(
                                status,
                                text(error, "code"),
                                text(error, "type"),
                                text(error, "message")))
                .orElseGet(() -> new ProviderError(status, "", "", ""));
    }

    private static Optional<Map<?, ?>> fields(Body body) {
        Object read;
        try {
            read = body.read();
        } catch (RuntimeException e) {
            // The SDKs have no value for a body that is not there.
            return Optional.empty();
        }
        Object error =
                read instanceof Map<?, ?> map && map.containsKey("error") ? map.get("error") : read;
        return error instanceof Map<?, ?> fields ? Optional.of(fields) : Optional.empty();
    }

    /** What becomes of the call; the provider's own words stay out of it. */
    ModelReply reply(Optional<Duration> retryAfter) {
        String name = Stream.of(code, type).filter(word -> !word.isEmpty()).findFirst().orElse("");
        return ProviderReply.of(this)
                .reply(OptionalInt.of(status), ("HTTP " + status + " " + name).strip(), retryAfter);
    }

    private static String text(Map<?, ?> fields, String key) {
        Object value = fields.get(key);
        String text = value instanceof String || value instanceof Number ? value.toString() : "";
        // Codes and types are names; anything else could be content.
        return key.equals("message") || text.matches("[A-Za-z0-9_.-]{1,64}") ? text : "";
    }
}
