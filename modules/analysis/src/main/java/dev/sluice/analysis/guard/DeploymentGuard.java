package dev.sluice.analysis.guard;

import dev.sluice.analysis.guard.Clearance.Waiting;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.quota.DeploymentQuota;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guards of one deployment: its quota, the pause its provider asked for, and its circuit
 * breaker. Safe for use by many threads.
 */
public final class DeploymentGuard {
    private static final Logger log = LoggerFactory.getLogger(DeploymentGuard.class);

    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Longer than calls that are turned away wait of themselves. */
    private static final Duration LONG_PAUSE = Duration.ofSeconds(30);

    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);

    private final Deployment deployment;
    private final Model model;
    private final InstantSource clock;
    private final DeploymentQuota quota;
    private final Line line;
    private final CircuitBreaker breaker;
    private final Silence silence = new Silence();
    private final Pauses pauses = new Pauses();
    private final AtomicLong answers = new AtomicLong();

    /**
     * @param clock of quota, pauses and circuit breaker: one that nobody sets
     */
    public DeploymentGuard(Deployment deployment, Model model, InstantSource clock) {
        this.deployment = deployment;
        this.model = model;
        this.clock = clock;
        this.line = new Line(clock);
        this.quota = new DeploymentQuota(deployment.limits(), clock.instant());
        this.breaker =
                CircuitBreaker.of(
                        deployment.id(),
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
        private final DeploymentQuota.Reservation reservation;
        private final Instant startedAt;
        private final long answersBefore = answers.get();

        private Permit(DeploymentQuota.Reservation reservation, Instant startedAt) {
            this.reservation = reservation;
            this.startedAt = startedAt;
        }

        Model model() {
            return model;
        }

        Deployment deployment() {
            return deployment;
        }

        /** How long ago it was given. */
        Duration age() {
            return Duration.between(startedAt, clock.instant());
        }

        /** How many calls the deployment had answered when this one was cleared. */
        long answersBefore() {
            return answersBefore;
        }

        /**
         * Tells the guards what came of the call.
         *
         * @param othersAnswered whether others were answered since the job's previous try here: if
         *     it is turned away nevertheless, nothing is wrong with the deployment
         */
        void release(ModelReply reply, boolean othersAnswered) {
            Instant now = clock.instant();
            long nanos = Duration.between(startedAt, now).toNanos();
            switch (reply) {
                case ModelReply.Answered answered -> {
                    quota.answered(reservation, answered.usage(), answered.limits(), now);
                    taken();
                    breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
                }
                case ModelReply.Refused refused -> {
                    quota.answered(reservation, refused.usage(), RateLimits.NONE, now);
                    taken();
                    breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
                }
                case ModelReply.Unavailable unavailable -> {
                    unavailable.retryAfter().ifPresent(wait -> pauses.ask(now, wait));
                    breaker.onError(
                            nanos,
                            TimeUnit.NANOSECONDS,
                            new IllegalStateException(unavailable.message()));
                    if (silence.goesOn(now) && breaker() == Breaker.CLOSED) {
                        breaker.transitionToOpenState();
                    }
                }
                case ModelReply.Rejected _ -> {
                    taken();
                    breaker.releasePermission();
                }
                case ModelReply.Throttled throttled -> {
                    breaker.releasePermission();
                    if (!throttled.needsOperator()) {
                        quota.throttled(startedAt, now);
                        pauses.turnAway(startedAt, now, throttled.retryAfter());
                    } else if (!othersAnswered) {
                        stop(throttled, now);
                    }
                }
            }
        }

        private void stop(ModelReply.Throttled throttled, Instant now) {
            throttled.retryAfter().ifPresent(wait -> pauses.ask(now, wait));
            if (pauses.stop(startedAt, now, throttled.message())) {
                log.atError()
                        .addKeyValue("model", deployment.model())
                        .addKeyValue("deployment", deployment.name())
                        .addKeyValue("message", throttled.message())
                        .log("deployment paused until someone mends it");
            }
        }

        private void taken() {
            answers.incrementAndGet();
            silence.ends();
            pauses.lift(startedAt);
        }

        /** Gives it back and asks for another in its place. */
        Clearance exchange(ModelRequest request, ModelPrice price) {
            giveBack();
            return clear(request, price);
        }

        /** The call was not made after all. */
        void giveBack() {
            quota.giveBack(reservation, clock.instant());
            breaker.releasePermission();
        }

        /** It was, and somebody else ended it. */
        void abandon() {
            breaker.releasePermission();
        }
    }

    public Deployment deployment() {
        return deployment;
    }

    /** Those who wait for this deployment before any other. */
    Line line() {
        return line;
    }

    /** Asks every guard at once; a permit must be released or given back. */
    Clearance clear(ModelRequest request, ModelPrice price) {
        Instant now = clock.instant();
        Optional<Instant> paused = pauses.until(now);
        if (paused.isPresent()) {
            return paused(Duration.between(now, paused.get()));
        }
        if (!breaker.tryAcquirePermission()) {
            return new Waiting(Waiting.Reason.BREAKER_OPEN, PROBE_INTERVAL);
        }
        return switch (quota.reserve(request, now)) {
            case DeploymentQuota.NotBefore(var instant) -> {
                breaker.releasePermission();
                yield new Waiting(Waiting.Reason.QUOTA, Duration.between(now, instant));
            }
            case DeploymentQuota.Granted(var reservation) -> {
                Permit permit = new Permit(reservation, now);
                if (!pauses.enter(now)) {
                    permit.giveBack();
                    yield paused(Duration.between(now, pauses.until(now).orElse(now)));
                }
                yield new Clearance.Cleared(permit, price);
            }
        };
    }

    /** What an operator has to mend before calls go on, if something. */
    public Optional<String> trouble() {
        return pauses.trouble().map(trouble -> deployment.id() + ": " + trouble);
    }

    /**
     * Why a model needs somebody's attention: an operator has to mend something in one of its
     * deployments, or none of them takes calls for now. For health checks.
     */
    public static Optional<String> trouble(List<DeploymentGuard> deployments) {
        List<String> reasons =
                deployments.stream()
                        .map(DeploymentGuard::heldBack)
                        .flatMap(Optional::stream)
                        .toList();
        boolean none = !reasons.isEmpty() && reasons.size() == deployments.size();
        boolean operator = deployments.stream().anyMatch(guard -> guard.trouble().isPresent());
        return none || operator ? Optional.of(String.join("; ", reasons)) : Optional.empty();
    }

    /**
     * The reason calls are held back for now, if they are. Being turned away now and then is no
     * reason, being asked to come back in minutes is one.
     */
    public Optional<String> heldBack() {
        Optional<String> trouble = pauses.trouble();
        if (trouble.isPresent()) {
            return Optional.of(deployment.name() + " is paused: " + trouble.get());
        }
        Instant now = clock.instant();
        Optional<Instant> paused =
                pauses.until(now).filter(until -> until.isAfter(now.plus(LONG_PAUSE)));
        if (paused.isPresent()) {
            return Optional.of(deployment.name() + " is paused until " + paused.get());
        }
        return switch (breaker()) {
            case OPEN -> Optional.of(deployment.name() + ": the circuit breaker is open");
            case HALF_OPEN ->
                    Optional.of(deployment.name() + ": the circuit breaker lets probes through");
            case CLOSED -> Optional.empty();
        };
    }

    /**
     * From now on this worker has so much of the installation's part of the limits, from 0 to 1.
     */
    public void share(double share) {
        quota.share(share, clock.instant());
    }

    /** The provider's limits and what is left of them, as far as is known. */
    public DeploymentQuota quota() {
        return quota;
    }

    /** What the circuit breaker does. */
    public enum Breaker {
        CLOSED,
        HALF_OPEN,
        OPEN
    }

    public Breaker breaker() {
        return switch (breaker.getState()) {
            case OPEN, FORCED_OPEN -> Breaker.OPEN;
            case HALF_OPEN -> Breaker.HALF_OPEN;
            case CLOSED, DISABLED, METRICS_ONLY -> Breaker.CLOSED;
        };
    }

    /** Jobs that wait for this deployment before any other. */
    public int waiting() {
        return line.length();
    }

    private Waiting paused(Duration wait) {
        return new Waiting(
                pauses.trouble().isPresent() ? Waiting.Reason.PAUSED : Waiting.Reason.THROTTLED,
                wait);
    }
}
