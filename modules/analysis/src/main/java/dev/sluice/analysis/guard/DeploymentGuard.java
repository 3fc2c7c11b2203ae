package dev.sluice.analysis.guard;

import dev.sluice.analysis.guard.Clearance.Waiting;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The guards of one deployment: its request rate, the pause its provider asked for, and its circuit
 * breaker. Safe for use by many threads.
 */
public final class DeploymentGuard {
    /** Permits are dealt out over short cycles, so that a minute's worth never goes at once. */
    private static final Duration CYCLE = Duration.ofMillis(250);

    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);

    private final Deployment deployment;
    private final Model model;
    private final InstantSource clock;
    private final RateLimiter requestRate;
    private final CircuitBreaker breaker;
    private final AtomicReference<Instant> frozenUntil = new AtomicReference<>(Instant.MIN);
    private final AtomicLong answers = new AtomicLong();

    public DeploymentGuard(Deployment deployment, Model model, InstantSource clock) {
        this.deployment = deployment;
        this.model = model;
        this.clock = clock;
        String id = deployment.model() + "/" + deployment.name();
        double perCycle = deployment.requestsPerMinute() * CYCLE.toMillis() / 60_000.0;
        Duration cycle =
                perCycle >= 1
                        ? CYCLE
                        : Duration.ofMillis(60_000L / Math.max(1, deployment.requestsPerMinute()));
        this.requestRate =
                RateLimiter.of(
                        id,
                        RateLimiterConfig.custom()
                                .limitRefreshPeriod(cycle)
                                .limitForPeriod(Math.max(1, (int) perCycle))
                                .timeoutDuration(Duration.ZERO)
                                .build());
        this.breaker =
                CircuitBreaker.of(
                        id,
                        CircuitBreakerConfig.custom()
                                .slidingWindowType(SlidingWindowType.TIME_BASED)
                                .slidingWindowSize(30)
                                .minimumNumberOfCalls(20)
                                .failureRateThreshold(50)
                                .slowCallRateThreshold(100)
                                .slowCallDurationThreshold(deployment.timeout())
                                .waitDurationInOpenState(Duration.ofSeconds(10))
                                .permittedNumberOfCallsInHalfOpenState(3)
                                .automaticTransitionFromOpenToHalfOpenEnabled(true)
                                .build());
    }

    /** Leave to make one call. */
    final class Permit {
        private final Instant startedAt = clock.instant();

        Model model() {
            return model;
        }

        Deployment deployment() {
            return deployment;
        }

        Instant startedAt() {
            return startedAt;
        }

        /** How many calls this deployment has answered: a failure counts only if this went on. */
        long answersSoFar() {
            return answers.get();
        }

        /** Tells the guards what came of the call. */
        void release(ModelReply reply) {
            long nanos = Duration.between(startedAt, clock.instant()).toNanos();
            switch (reply) {
                case ModelReply.Answered _, ModelReply.Refused _ -> {
                    answers.incrementAndGet();
                    breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
                }
                case ModelReply.Unavailable unavailable ->
                        breaker.onError(
                                nanos,
                                TimeUnit.NANOSECONDS,
                                new IllegalStateException(unavailable.message()));
                case ModelReply.Rejected _ -> {
                    answers.incrementAndGet();
                    breaker.releasePermission();
                }
                case ModelReply.Throttled throttled -> {
                    breaker.releasePermission();
                    throttled.retryAfter().ifPresent(pause -> freeze(clock.instant().plus(pause)));
                }
            }
        }

        /** The call was not made after all. */
        void giveBack() {
            breaker.releasePermission();
        }
    }

    Deployment deployment() {
        return deployment;
    }

    Clearance clear() {
        Instant now = clock.instant();
        Instant frozen = frozenUntil.get();
        if (frozen.isAfter(now)) {
            return new Waiting(Waiting.Reason.THROTTLED, frozen);
        }
        if (!breaker.tryAcquirePermission()) {
            return new Waiting(Waiting.Reason.BREAKER_OPEN, now.plus(PROBE_INTERVAL));
        }
        if (!requestRate.acquirePermission()) {
            breaker.releasePermission();
            return new Waiting(Waiting.Reason.QUOTA, now.plus(nextCycle()));
        }
        return new Clearance.Cleared(new Permit());
    }

    /** The reason calls are held back for now, if they are; for health checks. */
    public Optional<String> heldBack() {
        if (frozenUntil.get().isAfter(clock.instant())) {
            return Optional.of(deployment.name() + " is paused until " + frozenUntil.get());
        }
        return breaker.getState() == CircuitBreaker.State.OPEN
                ? Optional.of(deployment.name() + ": the circuit breaker is open")
                : Optional.empty();
    }

    private Duration nextCycle() {
        return requestRate.getRateLimiterConfig().getLimitRefreshPeriod().dividedBy(4);
    }

    private void freeze(Instant until) {
        frozenUntil.accumulateAndGet(until, (held, asked) -> held.isAfter(asked) ? held : asked);
    }
}
