package dev.sluice.analysis.quota;

import dev.sluice.analysis.concurrent.Mutex;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.TokenUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All rate limits of one deployment (requests, tokens, input tokens, output tokens) behind one
 * interface. A call may be made when each limit has room for the call's reservation, which is what
 * the provider will estimate the call at. Safe for use by many threads.
 */
public final class DeploymentQuota {
    private final Mutex mutex = new Mutex();
    private final ProviderLimits limits;
    private final Map<Limit, Quota> quotas = new EnumMap<>(Limit.class);
    private final InputEstimate estimate = new InputEstimate();
    private final Throttle throttle = new Throttle();
    private final Set<Limit> reportedLimits = EnumSet.noneOf(Limit.class);
    private RateLimits latest = RateLimits.NONE;
    private double share = 1;

    /** Result of {@link #reserve}. */
    public sealed interface Answer {}

    /** The call may be made. The reservation must be answered, throttled or given back. */
    public record Granted(Reservation reservation) implements Answer {}

    /** The call may not be made before this instant. */
    public record NotBefore(Instant instant) implements Answer {}

    /** Units of each limit that a call holds until it is settled. */
    public static final class Reservation {
        private final ModelRequest request;
        private final Throttle.Sent sent;
        private final Map<Limit, Quota.Reservation> held = new EnumMap<>(Limit.class);

        private Reservation(ModelRequest request, Throttle.Sent sent) {
            this.request = request;
            this.sent = sent;
        }
    }

    public DeploymentQuota(ProviderLimits limits, Instant now) {
        this.limits = limits;
        for (Limit limit : Limit.values()) {
            limits.first(limit).ifPresent(value -> quotas.put(limit, quota(value, now)));
        }
    }

    /**
     * Time until the call may be made if no other call is made before it; zero if it may be made
     * now.
     */
    public Duration wait(ModelRequest request, Instant now) {
        try (var _ = mutex.hold()) {
            long input = estimate.tokens(request.analysis(), request.inputBytes());
            Duration longest = Duration.ZERO;
            for (Map.Entry<Limit, Quota> entry : quotas.entrySet()) {
                double units = entry.getKey().reserved(input, request.maxOutputTokens());
                Duration wait = entry.getValue().wait(units, now);
                longest = wait.compareTo(longest) > 0 ? wait : longest;
            }
            return longest;
        }
    }

    /** Reserves the most the call may use, if every limit has room. */
    public Answer reserve(ModelRequest request, Instant now) {
        try (var _ = mutex.hold()) {
            Duration wait = wait(request, now);
            if (wait.isPositive()) {
                return new NotBefore(now.plus(wait));
            }
            long input = estimate.tokens(request.analysis(), request.inputBytes());
            Reservation reservation = new Reservation(request, throttle.sent(now));
            quotas.forEach((limit, quota) ->
                    reservation.held.put(
                            limit,
                            quota.reserve(limit.reserved(input, request.maxOutputTokens()), now)));
            tighten(now);
            return new Granted(reservation);
        }
    }

    /** Settles a reservation after an answer of the provider. */
    public void answered(
            Reservation reservation, Optional<TokenUsage> usage, RateLimits reported, Instant now) {
        try (var _ = mutex.hold()) {
            if (!reported.equals(RateLimits.NONE)) {
                latest = reported;
            }
            usage.ifPresent(used -> {
                estimate.learn(
                        reservation.request.analysis(),
                        reservation.request.inputBytes(),
                        used.input());
                reservation.held.forEach((limit, held) ->
                        quota(limit).ifPresent(quota -> quota.settle(held, limit.used(used), now)));
            });
            for (Limit limit : Limit.values()) {
                limit.said(reported).ifPresent(window -> learn(limit, window, reservation, now));
            }
        }
    }

    /**
     * Records a 429: the provider rejected a call because of its rate limits.
     *
     * @return whether other calls should wait too; false where the provider rejects calls at
     *     random: such a call counts as a request and uses no tokens
     */
    public boolean throttled(Reservation reservation, Instant now) {
        try (var _ = mutex.hold()) {
            if (!throttle.rejected(reservation.sent, now)) {
                reservation.held.forEach((limit, held) -> {
                    if (limit != Limit.REQUESTS) {
                        quota(limit).ifPresent(quota -> quota.giveBack(held, now));
                    }
                });
                return false;
            }
            quotas.values().forEach(quota -> quota.throttled(now));
            tighten(now);
            return true;
        }
    }

    /** Releases the reservation of a call that was not sent. */
    public void giveBack(Reservation reservation, Instant now) {
        try (var _ = mutex.hold()) {
            reservation.held.forEach(
                    (limit, held) -> quota(limit).ifPresent(quota -> quota.giveBack(held, now)));
        }
    }

    /**
     * Sets this worker's part of the installation's limits.
     *
     * @param newShare from 0 to 1; at 0 calls in flight end and no others start
     */
    public void share(double newShare, Instant now) {
        try (var _ = mutex.hold()) {
            share = newShare;
            quotas.values().forEach(quota -> quota.share(effective(), now));
        }
    }

    /** The rate limits that the provider stated last. */
    public RateLimits said() {
        try (var _ = mutex.hold()) {
            return latest;
        }
    }

    /** Units per minute that calls may use now; empty without a limit. */
    public Optional<Double> allowed(Limit limit) {
        try (var _ = mutex.hold()) {
            return quota(limit).map(Quota::allowed);
        }
    }

    /**
     * The value assumed for a limit that is not configured and that the provider has not reported
     * yet.
     */
    public Optional<Long> assumed(Limit limit) {
        try (var _ = mutex.hold()) {
            return limits.isConfigured(limit) || reportedLimits.contains(limit)
                    ? Optional.empty()
                    : limits.first(limit);
        }
    }

    /** Fraction of the reserved and unused units that may be sent again; empty without a limit. */
    public Optional<Double> refunds(Limit limit) {
        try (var _ = mutex.hold()) {
            return quota(limit).map(Quota::refunds);
        }
    }

    private void tighten(Instant now) {
        double part = throttle.at(now);
        quotas.values().forEach(quota -> quota.usePart(part, now));
    }

    private void learn(
            Limit limit, RateLimits.Window window, Reservation reservation, Instant now) {
        reportedLimits.add(limit);
        Optional<Quota> known = quota(limit);
        boolean configured = limits.isConfigured(limit);
        if (known.isEmpty()) {
            quotas.put(limit, quota(window.limit(), now));
        } else if (!configured && known.get().perMinute() != window.limit()) {
            known.get().limit((double) window.limit(), now);
        } else {
            Optional<Quota.Reservation> held = Optional.ofNullable(reservation.held.get(limit));
            held.ifPresent(mine -> known.get().reported(mine, window, now));
        }
    }

    private Optional<Quota> quota(Limit limit) {
        return Optional.ofNullable(quotas.get(limit));
    }

    private Quota quota(long perMinute, Instant now) {
        Quota quota = new Quota(perMinute, limits.refunds(), effective(), now);
        quota.usePart(throttle.at(now), now);
        return quota;
    }

    private double effective() {
        return limits.fraction() * share;
    }
}
