package dev.sluice.analysis.model;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Configured rate limits of a deployment, per minute, and the fraction of them this installation
 * may use. Limits that are not configured are learned from the provider's answers.
 *
 * @param fraction of the limits that this installation may use, above 0 and at most 1
 * @param refunds whether the provider gives back reserved tokens that a call did not use
 * @param maxCallsPerSecond hard ceiling for each worker, independent of its learned quota
 */
public record ProviderLimits(
        Map<Limit, Long> perMinute,
        double fraction,
        RefundPolicy refunds,
        Optional<Double> maxCallsPerSecond) {
    /**
     * Requests per minute until the provider reports its limit: that of the smallest paid tiers.
     */
    private static final long DEFAULT_REQUESTS = 500;

    public ProviderLimits {
        perMinute = Map.copyOf(perMinute);
        perMinute.forEach((limit, value) -> {
            if (value < 1) {
                throw new IllegalArgumentException(
                        limit.label() + "-per-minute must be positive, was " + value);
            }
        });
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException(
                    "quota.fraction must be above 0 and at most 1, was " + fraction);
        }
        maxCallsPerSecond.ifPresent(calls -> {
            if (!(calls >= 0.001 && calls <= 100_000)) {
                throw new IllegalArgumentException(
                        "max-calls-per-second must be between 0.001 and 100000, was " + calls);
            }
        });
    }

    /** Limits without configuration. */
    public static ProviderLimits unknown() {
        return new ProviderLimits(Map.of(), 1, RefundPolicy.UNKNOWN, Optional.empty());
    }

    /** The same limits with one more. */
    public ProviderLimits with(Limit limit, long value) {
        Map<Limit, Long> more = new EnumMap<>(Limit.class);
        more.putAll(perMinute);
        more.put(limit, value);
        return new ProviderLimits(more, fraction, refunds, maxCallsPerSecond);
    }

    /** The same limits with another fraction. */
    public ProviderLimits withFraction(double other) {
        return new ProviderLimits(perMinute, other, refunds, maxCallsPerSecond);
    }

    /** The same limits with a hard ceiling for each worker. */
    public ProviderLimits withMaxCallsPerSecond(double calls) {
        return new ProviderLimits(perMinute, fraction, refunds, Optional.of(calls));
    }

    public boolean isConfigured(Limit limit) {
        return perMinute.containsKey(limit);
    }

    /** The value to use before the provider has reported any. */
    public Optional<Long> first(Limit limit) {
        return Optional.ofNullable(perMinute.get(limit))
                .or(() ->
                        limit == Limit.REQUESTS ? Optional.of(DEFAULT_REQUESTS) : Optional.empty());
    }
}
