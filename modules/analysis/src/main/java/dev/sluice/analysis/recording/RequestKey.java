package dev.sluice.analysis.recording;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The hash of a request: of its path and its body, whatever the order of the body's fields. */
final class RequestKey {
    /** Characters of the hash, of which each stands for four bits. */
    private static final int LENGTH = 24;

    private RequestKey() {}

    static String of(String path, JsonNode body) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(path.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(
                    JsonMapper.shared()
                            .writeValueAsString(sorted(body))
                            .getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha.digest()).substring(0, LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static JsonNode sorted(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode sorted = JsonNodeFactory.instance.objectNode();
                object.propertyNames().stream()
                        .sorted()
                        .forEach(name -> sorted.set(name, sorted(object.path(name))));
                yield sorted;
            }
            case ArrayNode array -> {
                ArrayNode items = JsonNodeFactory.instance.arrayNode();
                array.forEach(item -> items.add(sorted(item)));
                yield items;
            }
            default -> node;
        };
    }
}
