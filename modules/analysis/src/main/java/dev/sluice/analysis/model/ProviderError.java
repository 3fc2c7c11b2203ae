package dev.sluice.analysis.model;

import dev.sluice.analysis.transport.HttpReply;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * An error as a provider puts it: OpenAI and those that imitate it have a code (a text, a number,
 * or null) and a type, Anthropic a type. What is not there is empty.
 */
record ProviderError(int status, String code, String type, String message) {

    /** Reads the body of an error, whatever it is. */
    static ProviderError of(HttpReply reply) {
        int status = reply.status();
        JsonNode error = error(reply.body());
        return new ProviderError(
                status, text(error, "code"), text(error, "type"), text(error, "message"));
    }

    private static JsonNode error(byte[] body) {
        JsonNode read;
        try {
            read = JsonMapper.shared().readTree(body);
        } catch (JacksonException e) {
            // A web page, say. The status tells enough.
            return MissingNode.getInstance();
        }
        return read.has("error") ? read.path("error") : read;
    }

    /** What becomes of the call; the provider's own words stay out of it. */
    ModelReply reply(Optional<Duration> retryAfter) {
        String name = Stream.of(code, type).filter(word -> !word.isEmpty()).findFirst().orElse("");
        return ProviderReply.of(this)
                .reply(OptionalInt.of(status), ("HTTP " + status + " " + name).strip(), retryAfter);
    }

    private static String text(JsonNode error, String key) {
        JsonNode value = error.path(key);
        String text = value.isString() || value.isNumber() ? value.asString() : "";
        // Codes and types are names; anything else could be content.
        return key.equals("message") || text.matches("[A-Za-z0-9_.-]{1,64}") ? text : "";
    }
}
