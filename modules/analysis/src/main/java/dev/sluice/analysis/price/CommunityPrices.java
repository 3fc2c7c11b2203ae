package dev.sluice.analysis.price;

import dev.sluice.analysis.price.PriceTable.Row;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads prices from the community's {@code model_prices_and_context_window.json} (LiteLLM's), which
 * has them in USD per token.
 */
public final class CommunityPrices {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    /** Models that answer text with text; others are charged by image, second or character. */
    private static final Set<String> MODES = Set.of("chat", "responses", "completion");

    /** Charges that a price table of ours has no column for. */
    private static final List<String> OTHER_CHARGES =
            List.of(
                    "input_cost_per_request",
                    "output_cost_per_request",
                    "output_cost_per_reasoning_token");

    private static final String TIER_OF = "_cost_per_token_above_%sk_tokens";
    private static final Pattern TIER =
            Pattern.compile("(?:input|output)_cost_per_token_above_(\\d{1,6})k_tokens");

    private CommunityPrices() {}

    /**
     * What a file held.
     *
     * @param skipped models of the wanted providers that were left out, each with the reason
     */
    public record Imported(PriceTable table, List<String> skipped) {
        public Imported {
            skipped = List.copyOf(skipped);
        }
    }

    /**
     * Reads the text models of some providers.
     *
     * @param from first day on which the prices are to hold
     * @throws IllegalArgumentException if the text is not such a file
     */
    public static Imported read(String json, Set<String> providers, LocalDate from, String source) {
        List<Row> rows = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        for (var model : root(json).properties()) {
            JsonNode entry = model.getValue();
            String provider = entry.path("litellm_provider").asString("");
            if (!providers.contains(provider)) {
                continue;
            }
            String mode = entry.path("mode").asString("");
            if (!MODES.contains(mode)) {
                skipped.add(model.getKey() + ": its mode is '" + mode + "'");
                continue;
            }
            try {
                rows.add(new Row(price(model.getKey(), entry, from), provider, source));
            } catch (IllegalArgumentException e) {
                skipped.add(model.getKey() + ": " + e.getMessage());
            }
        }
        return new Imported(new PriceTable(rows), skipped);
    }

    private static ObjectNode root(String json) {
        try {
            if (JSON.readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the file is no JSON: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("the file is no JSON object of models");
    }

    private static ModelPrice price(String model, JsonNode entry, LocalDate from) {
        refuseOtherCharges(entry);
        BigDecimal input =
                perMillion(entry, "input_cost_per_token")
                        .orElseThrow(
                                () -> new IllegalArgumentException("has no input_cost_per_token"));
        BigDecimal output =
                perMillion(entry, "output_cost_per_token")
                        .orElseThrow(
                                () -> new IllegalArgumentException("has no output_cost_per_token"));
        return new ModelPrice(
                model,
                input,
                perMillion(entry, "cache_read_input_token_cost").orElse(input),
                perMillion(entry, "cache_creation_input_token_cost").orElse(input),
                output,
                longContext(entry, input, output),
                from);
    }

    private static Optional<ModelPrice.LongContext> longContext(
            JsonNode entry, BigDecimal input, BigDecimal output) {
        Set<String> thresholds = new TreeSet<>();
        for (String key : entry.propertyNames()) {
            Matcher tier = TIER.matcher(key);
            if (tier.matches()) {
                thresholds.add(tier.group(1));
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
                                perMillion(entry, "input" + TIER_OF.formatted(threshold))
                                        .orElse(input),
                                perMillion(entry, "output" + TIER_OF.formatted(threshold))
                                        .orElse(output)));
    }

    private static void refuseOtherCharges(JsonNode entry) {
        for (String charge : OTHER_CHARGES) {
            if (perMillion(entry, charge).filter(price -> price.signum() > 0).isPresent()) {
                throw new IllegalArgumentException("is charged by " + charge + " too");
            }
        }
    }

    private static Optional<BigDecimal> perMillion(JsonNode entry, String key) {
        JsonNode value = entry.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isNumber() || value.decimalValue().signum() < 0) {
            throw new IllegalArgumentException(key + " is no price: " + value);
        }
        BigDecimal price = value.decimalValue().movePointRight(6).stripTrailingZeros();
        if (price.scale() > Cost.SCALE) {
            throw new IllegalArgumentException(key + " has too many decimals: " + value);
        }
        return Optional.of(price);
    }
}
