package dev.sluice.analysis.price;

import dev.sluice.analysis.price.PriceTable.Row;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Importer of prices from LiteLLM's community file {@code model_prices_and_context_window.json},
 * which has them in USD per token.
 */
public final class CommunityPrices {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    /**
     * Modes of models that answer text with text; others are charged by image, second or character.
     */
    private static final Set<String> MODES = Set.of("chat", "responses", "completion");

    /** Names of fields with a charge. */
    private static final Pattern CHARGE = Pattern.compile(".*(?:cost|pric|_above_).*");

    private static final String INPUT = "input_cost_per_token";
    private static final String OUTPUT = "output_cost_per_token";
    private static final String CACHE_READ = "cache_read_input_token_cost";
    private static final String CACHE_HIT = "input_cost_per_token_cache_hit";
    private static final String CACHE_WRITE = "cache_creation_input_token_cost";
    private static final String REASONING = "output_cost_per_reasoning_token";

    /** Suffix of the price for writing to a cache that lasts an hour. */
    private static final String HOUR = "_above_1hr";

    private static final Pattern LONG = Pattern.compile("(.+)_above_(\\d{1,6})k_tokens");

    /** Charges that are imported, or compared with imported ones. */
    private static final Set<String> KNOWN =
            Set.of(
                    INPUT,
                    OUTPUT,
                    CACHE_READ,
                    CACHE_HIT,
                    CACHE_WRITE,
                    CACHE_WRITE + HOUR,
                    REASONING);

    /** The same for calls with long contexts. */
    private static final Set<String> KNOWN_LONG =
            Set.of(INPUT, OUTPUT, CACHE_READ, CACHE_WRITE, CACHE_WRITE + HOUR);

    /** Charges that plain text calls at the standard tier never have. */
    private static final Pattern OF_OTHER_CALLS =
            Pattern.compile(
                    ".*_(?:batches|priority|flex)|.*(?:audio|image|video|pixel|search_context"
                            + "|code_interpreter|computer_use|file_search|vector_store|_dbu_).*");

    /** Price above that of any model, in USD per million tokens. */
    private static final BigDecimal SUSPICIOUS = new BigDecimal("1000");

    /** Relative difference that counts as a floating-point error. */
    private static final BigDecimal NOISE = new BigDecimal("1e-12");

    /** Most relative loss when a price is rounded to nine decimals. */
    private static final BigDecimal LOSS = new BigDecimal("1e-6");

    /** Name that stands for all providers. */
    public static final String ALL = "all";

    private CommunityPrices() {}

    /**
     * Result of an import: each entry is in the table, was skipped, or is another provider's.
     *
     * @param skipped models of the wanted providers that were left out, each with the reason
     * @param warnings imported models with suspicious values
     * @param others number of models of other providers
     */
    public record Imported(
            PriceTable table,
            List<String> skipped,
            List<String> warnings,
            Map<String, Integer> others) {
        public Imported {
            skipped = List.copyOf(skipped);
            warnings = List.copyOf(warnings);
            others = Collections.unmodifiableMap(new TreeMap<>(others));
        }
    }

    /**
     * Imports the text models of some providers.
     *
     * @param providers names in the file, or {@link #ALL}
     * @param from first day on which the prices hold
     * @throws IllegalArgumentException if the text is not a file of this format
     */
    public static Imported read(String json, Set<String> providers, LocalDate from, String source) {
        List<Row> rows = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Map<String, Integer> others = new TreeMap<>();
        for (var model : root(json).properties()) {
            JsonNode entry = model.getValue();
            String provider = entry.path("litellm_provider").asString("");
            if (!provider.isEmpty() && !providers.contains(provider) && !providers.contains(ALL)) {
                others.merge(provider, 1, Integer::sum);
                continue;
            }
            try {
                ModelPrice price = price(model.getKey(), entry, from);
                rows.add(new Row(price, provider, source));
                suspicion(price).ifPresent(warnings::add);
            } catch (IllegalArgumentException e) {
                skipped.add(model.getKey() + ": " + e.getMessage());
            }
        }
        return new Imported(new PriceTable(rows), skipped, warnings, others);
    }

    private static Optional<String> suspicion(ModelPrice price) {
        BigDecimal dearest = price.input().max(price.output()).max(price.cacheWrite());
        return dearest.compareTo(SUSPICIOUS) > 0
                ? Optional.of(
                        price.modelId()
                                + ": "
                                + dearest.toPlainString()
                                + " USD per million tokens is more than any model costs; look at"
                                + " the row before it is used")
                : Optional.empty();
    }

    private static ObjectNode root(String json) {
        try {
            if (JSON.readTree(PriceFile.withoutMark(json)) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the file is not valid JSON: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("the file is not a JSON object of models");
    }

    private static ModelPrice price(String model, JsonNode entry, LocalDate from) {
        if (entry.path("litellm_provider").asString("").isEmpty()) {
            throw new IllegalArgumentException("has no litellm_provider");
        }
        String mode = entry.path("mode").asString("");
        if (!MODES.contains(mode)) {
            throw new IllegalArgumentException("its mode is '" + mode + "'");
        }
        refuseOtherCharges(entry);
        BigDecimal input = required(entry, INPUT);
        BigDecimal output = required(entry, OUTPUT);
        perMillion(entry, REASONING)
                .filter(reasoning -> reasoning.compareTo(output) != 0 && reasoning.signum() > 0)
                .ifPresent(reasoning -> {
                    throw new IllegalArgumentException("is charged by " + REASONING + " too");
                });
        ModelPrice price =
                new ModelPrice(
                        model,
                        input,
                        perMillion(entry, CACHE_READ)
                                .or(() -> perMillion(entry, CACHE_HIT))
                                .orElse(input),
                        perMillion(entry, CACHE_WRITE).orElse(input),
                        output,
                        longContext(entry, input, output),
                        from);
        requireBooked(entry, price);
        return price;
    }

    private static Optional<ModelPrice.LongContext> longContext(
            JsonNode entry, BigDecimal input, BigDecimal output) {
        Set<String> thresholds = new TreeSet<>();
        for (String key : entry.propertyNames()) {
            Matcher tier = LONG.matcher(key);
            if (tier.matches() && KNOWN_LONG.contains(tier.group(1))) {
                thresholds.add(tier.group(2));
            }
        }
        if (thresholds.size() > 1) {
            throw new IllegalArgumentException("has more than one price for long contexts");
        }
        return thresholds.stream()
                .findFirst()
                .map(threshold ->
                        new ModelPrice.LongContext(
                                Long.parseLong(threshold) * 1_000,
                                perMillion(entry, above(INPUT, threshold)).orElse(input),
                                perMillion(entry, above(OUTPUT, threshold)).orElse(output)));
    }

    private static String above(String charge, String threshold) {
        return charge + "_above_" + threshold + "k_tokens";
    }

    /** Rejects a charge without its own column that is higher than the price booked instead. */
    private static void requireBooked(JsonNode entry, ModelPrice price) {
        requireAtMost(entry, CACHE_WRITE + HOUR, price.hourWrite(price.input()));
        price.longContext()
                .ifPresent(tier -> {
                    String threshold = String.valueOf(tier.above() / 1_000);
                    requireAtMost(entry, above(CACHE_READ, threshold), tier.input());
                    requireAtMost(entry, above(CACHE_WRITE, threshold), price.write(tier.input()));
                    requireAtMost(
                            entry,
                            above(CACHE_WRITE + HOUR, threshold),
                            price.hourWrite(tier.input()));
                });
    }

    private static void requireAtMost(JsonNode entry, String key, BigDecimal booked) {
        Optional<BigDecimal> charged = perMillion(entry, key);
        if (charged.isPresent() && charged.get().compareTo(booked) > 0) {
            throw new IllegalArgumentException(
                    "is charged "
                            + charged.get().toPlainString()
                            + " by "
                            + key
                            + ", where "
                            + booked.toPlainString()
                            + " would be booked");
        }
    }

    /** Rejects an entry with an unknown charge, which may be a large one. */
    private static void refuseOtherCharges(JsonNode entry) {
        for (var field : entry.properties()) {
            String key = field.getKey();
            if (!CHARGE.matcher(key).matches()
                    || isKnown(key)
                    || OF_OTHER_CALLS.matcher(key).matches()) {
                continue;
            }
            JsonNode value = field.getValue();
            boolean isNothing =
                    value.isNull() || (value.isNumber() && value.decimalValue().signum() == 0);
            if (!isNothing) {
                throw new IllegalArgumentException("is charged by " + key + " too");
            }
        }
    }

    private static boolean isKnown(String key) {
        Matcher tier = LONG.matcher(key);
        return KNOWN.contains(key) || (tier.matches() && KNOWN_LONG.contains(tier.group(1)));
    }

    private static BigDecimal required(JsonNode entry, String key) {
        return perMillion(entry, key)
                .orElseThrow(() -> new IllegalArgumentException("has no " + key));
    }

    private static Optional<BigDecimal> perMillion(JsonNode entry, String key) {
        JsonNode value = entry.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isNumber() || value.decimalValue().signum() < 0) {
            throw new IllegalArgumentException(key + " is not a valid price: " + value);
        }
        BigDecimal price = value.decimalValue().movePointRight(6).stripTrailingZeros();
        if (price.scale() <= Cost.SCALE) {
            return Optional.of(price);
        }
        BigDecimal nearest = price.setScale(Cost.SCALE, RoundingMode.HALF_EVEN);
        BigDecimal loss = nearest.subtract(price).abs();
        if (loss.compareTo(price.multiply(LOSS)) > 0) {
            throw new IllegalArgumentException(key + " has too many decimals: " + value);
        }
        return Optional.of(
                (loss.compareTo(price.multiply(NOISE)) > 0
                                ? price.setScale(Cost.SCALE, RoundingMode.UP)
                                : nearest)
                        .stripTrailingZeros());
    }
}
