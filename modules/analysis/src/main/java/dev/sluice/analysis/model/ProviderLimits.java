package dev.sluice.analysis.model;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * The limits of a deployment as far as they are configured, per minute, and how much of them is
 * this installation's. Those that are not configured are learned from what the provider says.
 *
 * @param fraction of the limits that this installation may use, above 0 and at most 1
 * @param settles whether the provider is known to give back tokens that were reserved and not used
 */
public record ProviderLimits(Map<Limit, Long> perMinute, double fraction, boolean settles) {
    /** Until the provider says how many it allows: what the smallest paid tiers do. */
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
    }

    /** Nothing is configured. */
    public static ProviderLimits unknown() {
        return new ProviderLimits(Map.of(), 1, false);
    }

    /** The same with a limit. */
    public ProviderLimits with(Limit limit, long value) {
        Map<Limit, Long> more = new EnumMap<>(Limit.class);
        more.putAll(perMinute);
        more.put(limit, value);
        return new ProviderLimits(more, fraction, settles);
    }

    /** The same for an installation that may use only a part of them. */
    public ProviderLimits withFraction(double other) {
        return new ProviderLimits(perMinute, other, settles);
    }

    public boolean isConfigured(Limit limit) {
        return perMinute.containsKey(limit);
    }

    /** What holds before the provider has said anything. */
    public Optional<Long> first(Limit limit) {
        return Optional.ofNullable(perMinute.get(limit))
                .or(() ->
                        limit == Limit.REQUESTS ? Optional.of(DEFAULT_REQUESTS) : Optional.empty());
    }
}
