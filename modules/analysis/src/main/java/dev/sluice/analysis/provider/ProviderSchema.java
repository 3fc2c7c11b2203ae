package dev.sluice.analysis.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Part of an output schema that a provider's structured output supports. Omitted keywords are still
 * checked on every answer: validation always uses the whole schema.
 *
 * @param schema the reduced schema
 * @param omissions the keywords left out
 * @param obstacles reasons why the provider cannot enforce the schema; empty if it can
 */
public record ProviderSchema(ObjectNode schema, List<Omission> omissions, List<String> obstacles) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Keywords that do not affect validity. */
    private static final Set<String> ANNOTATIONS =
            Set.of(
                    "$schema",
                    "$id",
                    "$comment",
                    "title",
                    "default",
                    "examples",
                    "deprecated",
                    "readOnly",
                    "writeOnly");

    /** A keyword that the provider does not support, with its location as a JSON Pointer. */
    public record Omission(String path, String keyword) {}

    public ProviderSchema {
        omissions = List.copyOf(omissions);
        obstacles = List.copyOf(obstacles);
    }

    /** Whether the provider can enforce the reduced schema. */
    public boolean strict() {
        return obstacles.isEmpty();
    }

    public static ProviderSchema of(ObjectNode whole, SchemaDialect dialect) {
        List<Omission> omissions = new ArrayList<>();
        List<String> obstacles = new ArrayList<>();
        ObjectNode reduced = new Reduction(dialect, omissions, obstacles).reduced(whole, "");
        return new ProviderSchema(reduced, omissions, obstacles);
    }

    private record Reduction(
            SchemaDialect dialect, List<Omission> omissions, List<String> obstacles) {

        ObjectNode reduced(ObjectNode schema, String path) {
            ObjectNode kept = JSON.createObjectNode();
            schema.forEachEntry((keyword, value) -> {
                if (supports(keyword, value)) {
                    kept.set(keyword, part(keyword, value, path + "/" + keyword));
                } else if (!ANNOTATIONS.contains(keyword)) {
                    omissions.add(new Omission(path, keyword));
                }
            });
            if (schema.path("properties").isObject()) {
                findObstacles(schema, path);
            }
            return kept;
        }

        private boolean supports(String keyword, JsonNode value) {
            return dialect.supports(keyword)
                    && (!keyword.equals("format") || dialect.supportsFormat(value.asString("")));
        }

        private JsonNode part(String keyword, JsonNode value, String path) {
            return switch (keyword) {
                case "properties" -> {
                    ObjectNode named = JSON.createObjectNode();
                    value.forEachEntry(
                            (name, part) -> named.set(name, whole(part, path + "/" + name)));
                    yield named;
                }
                case "items" -> whole(value, path);
                default -> value;
            };
        }

        private JsonNode whole(JsonNode part, String path) {
            return part instanceof ObjectNode object ? reduced(object, path) : part;
        }

        private void findObstacles(ObjectNode schema, String path) {
            String place = path.isEmpty() ? "the output" : path;
            JsonNode closed = schema.path("additionalProperties");
            if (!closed.isBoolean() || closed.asBoolean()) {
                obstacles.add(place + " needs \"additionalProperties\": false");
            }
            if (!dialect.wantsEverythingRequired()) {
                return;
            }
            List<String> required =
                    schema.path("required").valueStream().map(name -> name.asString("")).toList();
            schema.path("properties").propertyNames().stream()
                    .filter(name -> !required.contains(name))
                    .forEach(name ->
                            obstacles.add(
                                    place
                                            + " needs "
                                            + name
                                            + " among the required; let it be null instead"));
        }
    }
}
