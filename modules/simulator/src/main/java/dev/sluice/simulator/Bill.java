package dev.sluice.simulator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What every API key has used and owes, kept apart from whatever the callers keep. */
final class Bill {
    private final Map<String, Prices> prices = readPrices();
    private final Map<String, Account> accounts = new TreeMap<>();
    private final List<ChargedCall> calls = new ArrayList<>();

    /** USD per million tokens. */
    private record Prices(BigDecimal input, BigDecimal output) {}

    /**
     * What one key owes.
     *
     * @param requests all requests, those not charged included
     * @param charged requests that cost something
     */
    record Account(
            long requests, long charged, long inputTokens, long outputTokens, BigDecimal usd) {
        static final Account NEW = new Account(0, 0, 0, 0, BigDecimal.ZERO);
    }

    boolean knows(String model) {
        return prices.containsKey(model);
    }

    synchronized void refused(String key) {
        Account account = accounts.getOrDefault(key, Account.NEW);
        accounts.put(
                key,
                new Account(
                        account.requests() + 1,
                        account.charged(),
                        account.inputTokens(),
                        account.outputTokens(),
                        account.usd()));
    }

    synchronized void charge(
            String key, String callId, String model, long inputTokens, long outputTokens) {
        Prices price =
                Optional.ofNullable(prices.get(model))
                        .orElseThrow(() -> new IllegalArgumentException("no price for " + model));
        BigDecimal cost =
                price.input()
                        .multiply(BigDecimal.valueOf(inputTokens))
                        .add(price.output().multiply(BigDecimal.valueOf(outputTokens)))
                        .movePointLeft(6);
        calls.add(new ChargedCall(callId, cost));
        Account account = accounts.getOrDefault(key, Account.NEW);
        accounts.put(
                key,
                new Account(
                        account.requests() + 1,
                        account.charged() + 1,
                        account.inputTokens() + inputTokens,
                        account.outputTokens() + outputTokens,
                        account.usd().add(cost)));
    }

    synchronized Map<String, Account> accounts() {
        return new TreeMap<>(accounts);
    }

    /** Every call that cost something, in the order in which they came. */
    synchronized List<ChargedCall> calls() {
        return List.copyOf(calls);
    }

    private static Map<String, Prices> readPrices() {
        Map<String, Prices> prices = new HashMap<>();
        try (InputStream in = Bill.class.getResourceAsStream("/simulator-prices.csv")) {
            if (in == null) {
                throw new IllegalStateException("simulator-prices.csv is not on the class path");
            }
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#") && !line.startsWith("model,")) {
                    String[] cells = line.split(",", -1);
                    prices.put(
                            cells[0],
                            new Prices(new BigDecimal(cells[1]), new BigDecimal(cells[2])));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read simulator-prices.csv", e);
        }
        return prices;
    }
}
