package dev.sluice.simulator;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The simulator's bill: usage and debt of every API key, independent of the callers' own records.
 */
final class Bill {
    private final PriceList prices;
    private final Map<String, Account> accounts = new TreeMap<>();
    private final List<ChargedCall> calls = new ArrayList<>();

    Bill(PriceList prices) {
        this.prices = prices;
    }

    /**
     * The account of one key.
     *
     * @param requests all requests, including those not charged
     * @param charged requests that cost something
     */
    record Account(
            long requests, long charged, long inputTokens, long outputTokens, BigDecimal usd) {
        static final Account NEW = new Account(0, 0, 0, 0, BigDecimal.ZERO);
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

    synchronized void charge(String key, String callId, String model, Tokens tokens, Tier tier) {
        BigDecimal cost = prices.cost(model, tokens, tier);
        calls.add(new ChargedCall(callId, cost));
        Account account = accounts.getOrDefault(key, Account.NEW);
        accounts.put(
                key,
                new Account(
                        account.requests() + 1,
                        account.charged() + 1,
                        account.inputTokens() + tokens.input(),
                        account.outputTokens() + tokens.output(),
                        account.usd().add(cost)));
    }

    synchronized Map<String, Account> accounts() {
        return new TreeMap<>(accounts);
    }

    /** Every charged call, in order of arrival. */
    synchronized List<ChargedCall> calls() {
        return List.copyOf(calls);
    }
}
