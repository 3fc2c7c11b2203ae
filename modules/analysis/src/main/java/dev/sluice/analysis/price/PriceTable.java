package dev.sluice.analysis.price;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Dated prices of models. A price holds from its date until a later one of the same model. */
public final class PriceTable {
    private static final YAMLMapper YAML =
            YAMLMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    private final List<ModelPrice> rows;

    public PriceTable(List<ModelPrice> rows) {
        this.rows =
                rows.stream()
                        .sorted(Comparator.comparing(ModelPrice::effectiveFrom).reversed())
                        .toList();
    }

    /** The table that ships with Sluice, {@code prices.yaml}. */
    public static PriceTable shipped() {
        try (InputStream in = PriceTable.class.getResourceAsStream("/prices.yaml")) {
            if (in == null) {
                throw new IllegalStateException("prices.yaml is missing from the class path");
            }
            return parse(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the shipped prices.yaml", e);
        }
    }

    /**
     * Reads a table.
     *
     * @throws IllegalArgumentException naming every row that is wrong, with its number from 1
     */
    public static PriceTable parse(String yaml) {
        JsonNode root;
        try {
            root = YAML.readTree(yaml);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the price table is no YAML: " + e.getMessage(), e);
        }
        List<ModelPrice> rows = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        int number = 0;
        for (JsonNode row : root.path("prices")) {
            number++;
            try {
                rows.add(row(row));
            } catch (IllegalArgumentException | DateTimeParseException e) {
                problems.add("prices[" + number + "]: " + e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return new PriceTable(rows);
    }

    /** The price in force on a day, or nothing where the model has none: it is then not free. */
    public Optional<ModelPrice> find(String modelId, LocalDate day) {
        return rows.stream()
                .filter(row -> row.modelId().equals(modelId))
                .filter(row -> !row.effectiveFrom().isAfter(day))
                .findFirst();
    }

    private static ModelPrice row(JsonNode row) {
        String source = row.path("source").asString("");
        if (source.isEmpty()) {
            throw new IllegalArgumentException("source is missing");
        }
        BigDecimal input = price(row, "input");
        Optional<ModelPrice.LongContext> longContext =
                row.has("long_context_from")
                        ? Optional.of(
                                new ModelPrice.LongContext(
                                        row.path("long_context_from").asLong(),
                                        price(row, "long_context_input"),
                                        price(row, "long_context_output")))
                        : Optional.empty();
        return new ModelPrice(
                text(row, "model"),
                input,
                row.has("cached_input") ? price(row, "cached_input") : input,
                row.has("cache_write") ? price(row, "cache_write") : input,
                price(row, "output"),
                longContext,
                LocalDate.parse(text(row, "from")));
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
        return value.decimalValue();
    }
}
