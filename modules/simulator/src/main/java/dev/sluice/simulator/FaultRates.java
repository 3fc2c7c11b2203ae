package dev.sluice.simulator;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The share of calls that get each fault. The shares add up to at most 1. */
public final class FaultRates {
    public static final FaultRates NONE = new FaultRates(Map.of());

    private final Map<Fault, Double> rates;

    private FaultRates(Map<Fault, Double> rates) {
        this.rates = rates;
    }

    /**
     * Parses {@code malformed=0.3,fenced=0.1}.
     *
     * @throws IllegalArgumentException for an unknown fault, a rate outside 0 to 1, or a sum above
     *     1
     */
    public static FaultRates parse(String text) {
        Map<Fault, Double> rates = new TreeMap<>(Comparator.comparingInt(Fault::position));
        for (String part : text.split(",", -1)) {
            if (part.isBlank()) {
                continue;
            }
            String[] pair = part.split("=", -1);
            Fault fault = Fault.labelled(pair[0].strip());
            rates.put(fault, rate(fault, pair));
        }
        double sum = rates.values().stream().mapToDouble(Double::doubleValue).sum();
        if (sum > 1) {
            throw new IllegalArgumentException("fault rates add up to " + sum + ", above 1");
        }
        return new FaultRates(rates);
    }

    private static double rate(Fault fault, String[] pair) {
        try {
            double rate = pair.length == 2 ? Double.parseDouble(pair[1].strip()) : -1;
            if (rate >= 0 && rate <= 1) {
                return rate;
            }
        } catch (NumberFormatException e) {
            // Reported below: for the caller it is the same mistake.
        }
        throw new IllegalArgumentException(
                "the rate of "
                        + fault.label()
                        + " must be a number from 0 to 1, as in "
                        + fault.label()
                        + "=0.1");
    }

    /** The fault at a point between 0 and 1, if any. */
    Optional<Fault> at(double point) {
        double upTo = 0;
        for (Map.Entry<Fault, Double> entry : rates.entrySet()) {
            upTo += entry.getValue();
            if (point < upTo) {
                return Optional.of(entry.getKey());
            }
        }
        return Optional.empty();
    }
}
