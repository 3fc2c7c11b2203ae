package dev.sluice.simulator;

import java.math.BigDecimal;
import java.math.RoundingMode;
import tools.jackson.databind.JsonNode;

/** The cost that a client books if it knows every provider's form of usage. */
final class CarefulReader {
    private CarefulReader() {}

    /** USD of gpt-4.1-mini or claude-haiku-4-5. */
    static BigDecimal booked(JsonNode answer) {
        JsonNode usage = answer.path("usage");
        return (answer.has("choices") ? chat(answer, usage) : message(usage))
                .movePointLeft(6)
                .setScale(9, RoundingMode.UP);
    }

    private static BigDecimal chat(JsonNode answer, JsonNode usage) {
        long input = usage.path("prompt_tokens").asLong();
        long output =
                Math.max(
                        usage.path("completion_tokens").asLong(),
                        usage.path("total_tokens").asLong() - input);
        long cached =
                usage.path("prompt_tokens_details")
                        .path("cached_tokens")
                        .asLong(
                                usage.path("prompt_cache_hit_tokens")
                                        .asLong(usage.path("cached_tokens").asLong(0)));
        return usd(input - cached, "0.4")
                .add(usd(cached, "0.1"))
                .add(usd(output, "1.6"))
                .multiply(factor(answer.path("service_tier").asString("")));
    }

    private static BigDecimal message(JsonNode usage) {
        JsonNode written = usage.path("cache_creation");
        return usd(usage.path("input_tokens").asLong(), "1")
                .add(usd(usage.path("cache_read_input_tokens").asLong(), "0.1"))
                .add(usd(written.path("ephemeral_5m_input_tokens").asLong(), "1.25"))
                .add(usd(written.path("ephemeral_1h_input_tokens").asLong(), "2"))
                .add(usd(usage.path("output_tokens").asLong(), "5"))
                .multiply(factor(usage.path("service_tier").asString("")))
                .multiply(
                        usage.path("inference_geo").asString("").equals("us")
                                ? new BigDecimal("1.1")
                                : BigDecimal.ONE);
    }

    private static BigDecimal factor(String tier) {
        return switch (tier) {
            case "priority" -> BigDecimal.TWO;
            case "flex" -> new BigDecimal("0.5");
            default -> BigDecimal.ONE;
        };
    }

    private static BigDecimal usd(long tokens, String price) {
        return new BigDecimal(price).multiply(BigDecimal.valueOf(tokens));
    }
}
