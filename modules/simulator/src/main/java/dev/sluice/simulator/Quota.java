package dev.sluice.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** The unused part of one key's token limit. Thread-safe. */
final class Quota {
    private final QuotaPolicy policy;
    private final InstantSource clock;
    private double level;
    private Instant at;
    private double used;

    Quota(QuotaPolicy policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
        this.level = policy.capacity();
        this.at = clock.instant();
    }

    /**
     * The state of the limit, as the provider reports it.
     *
     * @param reset time until the whole limit is available again
     */
    record Standing(long limit, long remaining, Duration reset) {}

    /** Takes tokens; if too few are left, returns the time to wait. */
    synchronized Optional<Duration> take(double tokens) {
        flow();
        if (level < tokens) {
            return Optional.of(until(Math.min(tokens, policy.capacity())));
        }
        level -= tokens;
        used += tokens;
        return Optional.empty();
    }

    /** Returns the tokens that an answered request did not use. */
    synchronized void settle(double unused) {
        if (policy.settles()) {
            flow();
            level = Math.min(policy.capacity(), level + unused);
            used -= unused;
        }
    }

    synchronized Standing standing() {
        flow();
        return new Standing(
                (long) policy.capacity(), (long) Math.max(0, level), until(policy.capacity()));
    }

    /** Tokens taken so far, minus those returned. */
    synchronized double used() {
        return used;
    }

    private void flow() {
        Instant now = clock.instant();
        switch (policy.kind()) {
            case BUCKET -> {
                double perNano = policy.tokensPerMinute() / 60e9;
                double flown = perNano * Duration.between(at, now).toNanos();
                level = Math.min(policy.capacity(), level + flown);
                at = now;
            }
            case WINDOW -> {
                long passed = Duration.between(at, now).dividedBy(policy.span());
                if (passed > 0) {
                    at = at.plus(policy.span().multipliedBy(passed));
                    level = policy.capacity();
                }
            }
        }
    }

    private Duration until(double wanted) {
        return switch (policy.kind()) {
            case BUCKET -> {
                double nanos = Math.max(0, wanted - level) / policy.tokensPerMinute() * 60e9;
                yield Duration.ofNanos((long) Math.ceil(nanos));
            }
            case WINDOW -> Duration.between(clock.instant(), at.plus(policy.span()));
        };
    }
}
