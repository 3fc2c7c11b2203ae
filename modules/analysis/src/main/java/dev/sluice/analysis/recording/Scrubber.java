package dev.sluice.analysis.recording;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps secrets out of recordings. Of the headers of an answer only those are kept that Sluice
 * reads and that name nobody; of the call's headers none. What the call's headers have as a secret,
 * and what looks like an API key, is replaced wherever a body quotes it.
 */
final class Scrubber {
    private static final String HIDDEN = "***";

    /** Shorter values are no secrets, and would be found everywhere. */
    private static final int SHORTEST_SECRET = 8;

    private static final Pattern KEY =
            Pattern.compile(
                    "(?<![A-Za-z0-9_])(?:sk|pk|rk|xai|gsk|org|proj)[-_][A-Za-z0-9_-]{16,}"
                            + "|(?<![A-Za-z0-9_])Bearer\\s+[A-Za-z0-9._~+/-]{8,}=*");

    /**
     * Headers that Sluice reads. Those that name an organisation, a project or a session are not.
     */
    private static final List<String> KEPT =
            List.of(
                    "content-type",
                    "retry-after",
                    "retry-after-ms",
                    "date",
                    "x-ratelimit-limit-requests",
                    "x-ratelimit-remaining-requests",
                    "x-ratelimit-reset-requests",
                    "x-ratelimit-limit-tokens",
                    "x-ratelimit-remaining-tokens",
                    "x-ratelimit-reset-tokens",
                    "anthropic-ratelimit-requests-limit",
                    "anthropic-ratelimit-requests-remaining",
                    "anthropic-ratelimit-requests-reset",
                    "anthropic-ratelimit-tokens-limit",
                    "anthropic-ratelimit-tokens-remaining",
                    "anthropic-ratelimit-tokens-reset",
                    "anthropic-ratelimit-input-tokens-limit",
                    "anthropic-ratelimit-input-tokens-remaining",
                    "anthropic-ratelimit-input-tokens-reset",
                    "anthropic-ratelimit-output-tokens-limit",
                    "anthropic-ratelimit-output-tokens-remaining",
                    "anthropic-ratelimit-output-tokens-reset");

    private final List<String> secrets;

    private Scrubber(List<String> secrets) {
        this.secrets = List.copyOf(secrets);
    }

    /**
     * A scrubber of one exchange.
     *
     * @param headers the call's
     */
    static Scrubber of(Map<String, String> headers) {
        List<String> secrets = new ArrayList<>();
        headers.forEach((name, value) -> {
            if (isSecret(name.toLowerCase(Locale.ROOT))) {
                for (String part : value.split(" ", -1)) {
                    if (part.length() >= SHORTEST_SECRET) {
                        secrets.add(part);
                    }
                }
            }
        });
        return new Scrubber(secrets);
    }

    private static boolean isSecret(String name) {
        return name.equals("authorization")
                || name.contains("key")
                || name.contains("token")
                || name.contains("organization")
                || name.contains("project")
                || name.contains("cookie");
    }

    /** A text without secrets. */
    String text(String text) {
        String clean = text;
        for (String secret : secrets) {
            clean = clean.replace(secret, HIDDEN);
        }
        return KEY.matcher(clean).replaceAll(HIDDEN);
    }

    /** A body without secrets: its texts, not the names of its fields. */
    JsonNode body(String text) {
        try {
            return clean(JsonMapper.shared().readTree(text));
        } catch (JacksonException e) {
            return JsonNodeFactory.instance.stringNode(text(text));
        }
    }

    private JsonNode clean(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode clean = JsonNodeFactory.instance.objectNode();
                object.properties()
                        .forEach(field -> clean.set(field.getKey(), clean(field.getValue())));
                yield clean;
            }
            case ArrayNode array -> {
                ArrayNode clean = JsonNodeFactory.instance.arrayNode();
                array.forEach(item -> clean.add(clean(item)));
                yield clean;
            }
            default ->
                    node.isString()
                            ? JsonNodeFactory.instance.stringNode(text(node.asString()))
                            : node;
        };
    }

    /**
     * The headers of an answer that are kept.
     *
     * @param value the value of a header by its name
     */
    Map<String, String> headers(Function<String, Optional<String>> value) {
        Map<String, String> kept = new TreeMap<>();
        KEPT.forEach(name -> value.apply(name).ifPresent(found -> kept.put(name, text(found))));
        return kept;
    }
}
