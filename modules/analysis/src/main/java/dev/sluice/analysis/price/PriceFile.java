package dev.sluice.analysis.price;

import dev.sluice.analysis.price.PriceTable.Row;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * YAML format of the price table: {@code sources}, and {@code prices} with one row for each model
 * and date, in USD per million tokens.
 */
public final class PriceFile {
    private static final Set<String> KEYS =
            Set.of(
                    "model",
                    "provider",
                    "from",
                    "input",
                    "cached_input",
                    "cache_write",
                    "output",
                    "long_context_from",
                    "long_context_input",
                    "long_context_output",
                    "source");

    private static final YAMLMapper YAML =
            YAMLMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    private PriceFile() {}

    /**
     * Reads a table.
     *
     * @throws IllegalArgumentException naming every row that is wrong, with its number from 1
     */
    public static PriceTable parse(String yaml) {
        JsonNode root;
        try {
            root = YAML.readTree(withoutMark(yaml));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "the price table is not valid YAML: " + e.getMessage(), e);
        }
        if (!root.path("prices").isArray()) {
            throw new IllegalArgumentException("the price table has no list named prices");
        }
        List<Row> rows = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int number = 0;
        for (JsonNode node : root.path("prices")) {
            number++;
            try {
                Row row = row(node, root.path("sources"));
                ModelPrice price = row.price();
                if (!seen.add(price.modelId() + " from " + price.effectiveFrom())) {
                    throw new IllegalArgumentException(
                            "there is another price of "
                                    + price.modelId()
                                    + " from "
                                    + price.effectiveFrom());
                }
                rows.add(row);
            } catch (IllegalArgumentException | DateTimeParseException e) {
                problems.add("prices[" + number + "]: " + e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return new PriceTable(rows);
    }

    /** The text without the byte order mark that some editors write. */
    static String withoutMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** Writes a table in the format that {@link #parse} reads. */
    public static String format(PriceTable table) {
        Map<String, String> sources = new TreeMap<>();
        for (Row row : table.rows()) {
            sources.putIfAbsent(row.source(), "source-" + (sources.size() + 1));
        }
        StringBuilder yaml = new StringBuilder("# USD per million tokens.\nsources:\n");
        sources.forEach((text, name) ->
                yaml.append("  ").append(name).append(": ").append(quoted(text)).append('\n'));
        yaml.append("prices:\n");
        for (Row row : table.rows()) {
            ModelPrice price = row.price();
            yaml.append("  - {model: ").append(quoted(price.modelId()));
            if (!row.provider().isEmpty()) {
                yaml.append(", provider: ").append(quoted(row.provider()));
            }
            yaml.append(", from: ").append(price.effectiveFrom());
            yaml.append(", input: ").append(price.input().toPlainString());
            if (price.cachedInput().compareTo(price.input()) != 0) {
                yaml.append(", cached_input: ").append(price.cachedInput().toPlainString());
            }
            if (price.cacheWrite().compareTo(price.input()) != 0) {
                yaml.append(", cache_write: ").append(price.cacheWrite().toPlainString());
            }
            yaml.append(", output: ").append(price.output().toPlainString());
            price.longContext()
                    .ifPresent(tier ->
                            yaml.append(", long_context_from: ")
                                    .append(tier.above())
                                    .append(", long_context_input: ")
                                    .append(tier.input().toPlainString())
                                    .append(", long_context_output: ")
                                    .append(tier.output().toPlainString()));
            yaml.append(", source: ").append(sources.get(row.source())).append("}\n");
        }
        return yaml.toString();
    }

    private static Row row(JsonNode row, JsonNode sources) {
        for (String key : row.propertyNames()) {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("unknown key " + key);
            }
        }
        String source = text(row, "source");
        BigDecimal input = price(row, "input");
        ModelPrice price =
                new ModelPrice(
                        text(row, "model"),
                        input,
                        row.has("cached_input") ? price(row, "cached_input") : input,
                        row.has("cache_write") ? price(row, "cache_write") : input,
                        price(row, "output"),
                        longContext(row),
                        LocalDate.parse(text(row, "from")));
        return new Row(
                price, row.path("provider").asString(""), sources.path(source).asString(source));
    }

    private static Optional<ModelPrice.LongContext> longContext(JsonNode row) {
        if (!row.has("long_context_from")) {
            if (row.has("long_context_input") || row.has("long_context_output")) {
                throw new IllegalArgumentException("long_context_from is missing");
            }
            return Optional.empty();
        }
        JsonNode above = row.path("long_context_from");
        if (!above.isIntegralNumber() || above.asLong() < 1) {
            throw new IllegalArgumentException(
                    "long_context_from must be a number of tokens, was '" + above + "'");
        }
        return Optional.of(
                new ModelPrice.LongContext(
                        above.asLong(),
                        price(row, "long_context_input"),
                        price(row, "long_context_output")));
    }

    private static String text(JsonNode row, String key) {
        String value = row.path(key).asString("");
        if (value.isEmpty()) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return value;
    }

    private static BigDecimal price(JsonNode row, String key) {
        JsonNode value = row.path(key);
        if (!value.isNumber() || value.decimalValue().signum() < 0) {
            throw new IllegalArgumentException(
                    key + " must be a price of zero or more, was '" + value.asString("") + "'");
        }
        BigDecimal price = value.decimalValue().stripTrailingZeros();
        if (price.scale() > Cost.SCALE) {
            throw new IllegalArgumentException(
                    key + " has more than " + Cost.SCALE + " decimals: " + price.toPlainString());
        }
        return price;
    }

    private static String quoted(String text) {
        return "\""
                + text.replaceAll("\\s+", " ").replace("\\", "\\\\").replace("\"", "\\\"")
                + "\"";
    }
}
