package dev.sluice.simulator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The prices of models in USD per million tokens. A model without a price does not exist. */
public final class PriceList {
    private static final Pattern FORM =
            Pattern.compile("([^=\\s]+)=([\\d.]{1,12})/([\\d.]{1,12})(?:/([\\d.]{1,12}))?");

    /** Price of a cache entry for one hour, as a multiple of plain input. */
    private static final BigDecimal HOUR = BigDecimal.TWO;

    private final Map<String, Price> prices;

    private PriceList(Map<String, Price> prices) {
        this.prices = prices;
    }

    /** One model's prices. */
    private record Price(
            BigDecimal input, BigDecimal cachedInput, BigDecimal cacheWrite, BigDecimal output) {}

    /** The built-in prices of OpenAI's and Anthropic's models. */
    public static PriceList shipped() {
        Map<String, Price> prices = new HashMap<>();
        try (InputStream in = PriceList.class.getResourceAsStream("/simulator-prices.csv")) {
            if (in == null) {
                throw new IllegalStateException("simulator-prices.csv is not on the class path");
            }
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#") && !line.startsWith("model,")) {
                    String[] cells = line.split(",", -1);
                    BigDecimal input = new BigDecimal(cells[1]);
                    prices.put(
                            cells[0],
                            new Price(
                                    input,
                                    orElse(cells[2], input),
                                    orElse(cells[3], input),
                                    new BigDecimal(cells[4])));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read simulator-prices.csv", e);
        }
        return new PriceList(prices);
    }

    /**
     * This list with one more model: {@code llama-3.3-70b-versatile=0.59/0.79}, or {@code
     * deepseek-chat=0.27/1.10/0.07} if cached input has its own price.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public PriceList with(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (form.matches()) {
            try {
                BigDecimal input = new BigDecimal(form.group(2));
                Map<String, Price> more = new HashMap<>(prices);
                more.put(
                        form.group(1),
                        new Price(
                                input,
                                orElse(form.group(4) == null ? "" : form.group(4), input),
                                input,
                                new BigDecimal(form.group(3))));
                return new PriceList(more);
            } catch (NumberFormatException e) {
                // Reported below: for the caller it is the same mistake.
            }
        }
        throw new IllegalArgumentException(
                "a price is MODEL=INPUT/OUTPUT or MODEL=INPUT/OUTPUT/CACHED-INPUT, USD per million"
                        + " tokens, as in llama-3.3-70b-versatile=0.59/0.79; was '"
                        + text
                        + "'");
    }

    boolean knows(String model) {
        return prices.containsKey(model);
    }

    /** The cost of a call in USD, rounded up to the ninth decimal. */
    BigDecimal cost(String model, Tokens tokens, Tier tier) {
        Price price =
                Optional.ofNullable(prices.get(model))
                        .orElseThrow(() -> new IllegalArgumentException("no price for " + model));
        return times(tokens.plainInput(), price.input())
                .add(times(tokens.cachedInput(), price.cachedInput()))
                .add(times(tokens.cacheWrite(), price.cacheWrite()))
                .add(times(tokens.hourCacheWrite(), price.input().multiply(HOUR)))
                .add(times(tokens.output(), price.output()))
                .multiply(tier.factor())
                .movePointLeft(6)
                .setScale(9, RoundingMode.UP);
    }

    private static BigDecimal times(long tokens, BigDecimal price) {
        return price.multiply(BigDecimal.valueOf(tokens));
    }

    private static BigDecimal orElse(String cell, BigDecimal standard) {
        return cell.isEmpty() ? standard : new BigDecimal(cell);
    }
}
