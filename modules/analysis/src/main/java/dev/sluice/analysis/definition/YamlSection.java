package dev.sluice.analysis.definition;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Section of a definition's YAML with typed access to its keys. Each problem is reported with its
 * key, and a placeholder is returned, so that all problems are found in one run.
 */
public final class YamlSection {
    private final JsonNode node;
    private final String prefix;
    private final BiConsumer<String, String> problems;

    /**
     * @param problems receives a key and its problem
     */
    public YamlSection(JsonNode node, BiConsumer<String, String> problems) {
        this(node, "", problems);
    }

    private YamlSection(JsonNode node, String prefix, BiConsumer<String, String> problems) {
        this.node = node;
        this.prefix = prefix;
        this.problems = problems;
    }

    /** The section under a required key. */
    public YamlSection section(String key) {
        JsonNode part = node.path(key);
        if (!part.isObject()) {
            problem(key, "is missing");
        }
        return new YamlSection(part, prefix + key + ".", problems);
    }

    /** The sections of a list under a key; empty if the key is absent. */
    public List<YamlSection> sections(String key) {
        List<YamlSection> sections = new ArrayList<>();
        for (JsonNode part : list(key)) {
            String place = prefix + key + "[" + (sections.size() + 1) + "].";
            sections.add(new YamlSection(part, place, problems));
        }
        return sections;
    }

    /** The object under a key as it is; empty if the key is absent. */
    public Optional<ObjectNode> objectIfAny(String key) {
        JsonNode part = node.path(key);
        if (!part.isMissingNode() && !part.isObject()) {
            problem(key, "must be an object");
        }
        return part instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
    }

    /** The text under a key with its white space; empty if the key is absent. */
    public Optional<String> wholeTextIfAny(String key) {
        JsonNode part = node.path(key);
        if (!part.isMissingNode() && !part.isString()) {
            problem(key, "must be a text");
        }
        return part.isString() ? Optional.of(part.asString()) : Optional.empty();
    }

    public void rejectOtherKeysThan(Set<String> known) {
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                problem(
                        key,
                        "is not a known key; known are " + String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    public String text(String key) {
        String value = text(key, "");
        if (value.isEmpty()) {
            problem(key, "is missing");
        }
        return value;
    }

    public String text(String key, String otherwise) {
        JsonNode value = node.path(key);
        if (value.isContainer()) {
            problem(key, "must be a text");
            return "unusable";
        }
        return value.asString(otherwise).strip();
    }

    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        int number = 0;
        for (JsonNode item : list(key)) {
            number++;
            if (item.isString() && !item.asString().isBlank()) {
                texts.add(item.asString().strip());
            } else {
                problem(key + "[" + number + "]", "must be a text");
            }
        }
        return texts;
    }

    public long number(String key, long min, long max) {
        JsonNode value = node.path(key);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.asLong() < min
                || value.asLong() > max) {
            problem(key, "must be a whole number from " + min + " to " + max);
            return min;
        }
        return value.asLong();
    }

    public OptionalInt numberIfAny(String key, int min, int max) {
        return node.has(key) ? OptionalInt.of((int) number(key, min, max)) : OptionalInt.empty();
    }

    public Optional<Double> decimalIfAny(String key, double min, double max) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isNumber()
                || !value.canConvertToLong()
                || !(value.asDouble() >= min && value.asDouble() <= max)) {
            problem(key, "must be a number from " + min + " to " + max);
            return Optional.empty();
        }
        return Optional.of(value.asDouble());
    }

    public Duration duration(String key, Duration otherwise) {
        String text = text(key, otherwise.toString());
        try {
            Duration duration = Duration.parse(text);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // Reported below, with the same message.
        }
        problem(key, "must be an ISO duration such as PT1H, was '" + text + "'");
        return otherwise;
    }

    public void problem(String key, String message) {
        problems.accept(prefix + key, message);
    }

    private JsonNode list(String key) {
        JsonNode list = node.path(key);
        if (!list.isMissingNode() && !list.isArray()) {
            problem(key, "must be a list");
        }
        return list;
    }
}
