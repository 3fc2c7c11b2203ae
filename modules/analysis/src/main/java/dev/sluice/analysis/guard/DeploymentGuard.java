package dev.sluice.analysis.guard;

import dev.sluice.analysis.guard.Clearance.Waiting;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.ModelPrice;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guards of one deployment: its request rate, the pause its provider asked for, and its circuit
 * breaker. Safe for use by many threads.
 */
public final class DeploymentGuard {
    private static final Logger log = LoggerFactory.getLogger(DeploymentGuard.class);

    /** Permits are dealt out over short cycles, so that a minute's worth never goes at once. */
    private static final Duration CYCLE = Duration.ofMillis(250);

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);

    private final Deployment deployment;
    private final Model model;
    private final InstantSource clock;
    private final RateLimiter requestRate;
    private final CircuitBreaker breaker;
    private final Pauses pauses = new Pauses();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicReference<RateLimits> limits = new AtomicReference<>(RateLimits.NONE);

    public DeploymentGuard(Deployment deployment, Model model, InstantSource clock) {
        this.deployment = deployment;
        this.model = model;
        this.clock = clock;
        String id = deployment.id();
        long perCycle =
                Math.max(1, deployment.requestsPerMinute() * CYCLE.toNanos() / MINUTE.toNanos());
        this.requestRate =
                RateLimiter.of(
                        id,
                        RateLimiterConfig.custom()
                                .limitRefreshPeriod(
                                        MINUTE.multipliedBy(perCycle)
                                                .dividedBy(deployment.requestsPerMinute()))
                                .limitForPeriod((int) perCycle)
                                .timeoutDuration(Duration.ZERO)
                                .build());
        this.breaker =
                CircuitBreaker.of(
                        id,
                        CircuitBreakerConfig.custom()
                                .clock(clock.withZone(ZoneOffset.UTC))
                                .slidingWindowType(SlidingWindowType.TIME_BASED)
                                .slidingWindowSize(30)
                                .minimumNumberOfCalls(20)
                                .failureRateThreshold(50)
                                .slowCallRateThreshold(100)
                                .slowCallDurationThreshold(deployment.endpoint().timeout())
                                .waitDurationInOpenState(Duration.ofSeconds(10))
                                .permittedNumberOfCallsInHalfOpenState(3)
                                .maxWaitDurationInHalfOpenState(
                                        deployment.endpoint().timeout().plus(MINUTE))
                                .automaticTransitionFromOpenToHalfOpenEnabled(true)
                                .build());
    }

    /** Leave to make one call. */
    final class Permit {
        private final Instant startedAt = clock.instant();
        private final long answersBefore = answers.get();

        Model model() {
            return model;
        }

        Deployment deployment() {
            return deployment;
        }

        Instant startedAt() {
            return startedAt;
        }

        /** How many calls the deployment had answered when this one was cleared. */
        long answersBefore() {
            return answersBefore;
        }

        /** Tells the guards what came of the call. */
        void release(ModelReply reply) {
            Instant now = clock.instant();
            long nanos = Duration.between(startedAt, now).toNanos();
            switch (reply) {
                case ModelReply.Answered answered -> {
                    limits.set(answered.limits());
                    taken();
                    breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
                }
                case ModelReply.Refused _ -> {
                    taken();
                    breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
                }
                case ModelReply.Unavailable unavailable -> {
                    unavailable.retryAfter().ifPresent(wait -> pauses.ask(now, wait));
                    breaker.onError(
                            nanos,
                            TimeUnit.NANOSECONDS,
                            new IllegalStateException(unavailable.message()));
                }
                case ModelReply.Rejected _ -> {
                    taken();
                    breaker.releasePermission();
                }
                case ModelReply.Throttled throttled -> {
                    breaker.releasePermission();
                    throttled.retryAfter().ifPresent(wait -> pauses.ask(now, wait));
                    if (throttled.needsOperator()
                            && pauses.stop(startedAt, now, throttled.message())) {
                        log.atError()
                                .addKeyValue("model", deployment.model())
                                .addKeyValue("deployment", deployment.name())
                                .addKeyValue("message", throttled.message())
                                .log("deployment paused until someone mends it");
                    }
                }
            }
        }

        private void taken() {
            answers.incrementAndGet();
            pauses.lift(startedAt);
        }

        /** Gives it back and asks for another in its place. */
        Clearance exchange(ModelPrice price) {
            giveBack();
            return clear(price);
        }

        /** The call was not made after all. */
        void giveBack() {
            breaker.releasePermission();
        }
    }

    public Deployment deployment() {
        return deployment;
    }

    /** Asks every guard at once; a permit must be released or given back. */
    Clearance clear(ModelPrice price) {
        Instant now = clock.instant();
        Optional<Instant> paused = pauses.until(now);
        if (paused.isPresent()) {
            return paused(paused.get());
        }
        if (!breaker.tryAcquirePermission()) {
            return new Waiting(Waiting.Reason.BREAKER_OPEN, now.plus(PROBE_INTERVAL));
        }
        if (!requestRate.acquirePermission()) {
            breaker.releasePermission();
            return new Waiting(Waiting.Reason.QUOTA, now.plus(nextCycle()));
        }
        if (!pauses.enter(now)) {
            breaker.releasePermission();
            return paused(pauses.until(now).orElse(now));
        }
        return new Clearance.Cleared(new Permit(), price);
    }

    /** What an operator has to mend before calls go on, if something. */
    public Optional<String> trouble() {
        return pauses.trouble().map(trouble -> deployment.id() + ": " + trouble);
    }

    /** The reason calls are held back for now, if they are; for health checks. */
    public Optional<String> heldBack() {
        Optional<String> trouble = pauses.trouble();
        if (trouble.isPresent()) {
            return Optional.of(deployment.name() + " is paused: " + trouble.get());
        }
        Optional<Instant> paused = pauses.until(clock.instant());
        if (paused.isPresent()) {
            return Optional.of(deployment.name() + " is paused until " + paused.get());
        }
        return switch (breaker.getState()) {
            case OPEN, FORCED_OPEN ->
                    Optional.of(deployment.name() + ": the circuit breaker is open");
            case HALF_OPEN ->
                    Optional.of(deployment.name() + ": the circuit breaker lets probes through");
            case CLOSED, DISABLED, METRICS_ONLY -> Optional.empty();
        };
    }

    /** What the provider last said of its rate limits. */
    public RateLimits limits() {
        return limits.get();
    }

    private Waiting paused(Instant until) {
        return new Waiting(
                pauses.trouble().isPresent() ? Waiting.Reason.PAUSED : Waiting.Reason.THROTTLED,
                until);
    }

    private Duration nextCycle() {
        return requestRate.getRateLimiterConfig().getLimitRefreshPeriod().dividedBy(4);
    }
}
