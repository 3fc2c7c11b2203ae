package dev.sluice.analysis.guard;

import dev.sluice.analysis.concurrent.Mutex;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Circuit breaker of one deployment. It opens when
 *
 * <ul>
 *   <li>of at least 20 calls ended in the last 30 s, half or more failed, or all took longer than
 *       the timeout, or
 *   <li>five or more calls in a row failed over at least 30 s ({@link OutageDetector}).
 * </ul>
 *
 * <p>While it is open no calls are made. After 10 s it lets up to three probes through. The first
 * accepted probe closes it; if the probes fail, or give no result within the timeout plus one
 * minute, it opens for another 10 s. Example: 24 calls in 30 s of which 12 failed open it. 19 calls
 * that all failed within 20 s do not, but a further failure 30 s after the first does.
 *
 * <p>A call's result counts only in the state in which the call was let through: late timeouts of
 * an outage do not count against the probes after it.
 *
 * <p>Safe for use by many threads.
 */
final class ProbingBreaker {
    private static final Logger log = LoggerFactory.getLogger(ProbingBreaker.class);

    static final int PROBES = 3;

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final CircuitBreaker breaker;
    private final OutageDetector outage = new OutageDetector();
    private final InstantSource clock;

    /** Guards each permission together with the state it belongs to, and all changes of state. */
    private final Mutex mutex = new Mutex();

    /** Number of changes of state. */
    private long epoch;

    private volatile String lastFailure = "";

    /** Whether the log already warned that calls fail; failed probes are then logged at debug. */
    private boolean failureLogged;

    /**
     * @param deployment the name in the log
     * @param timeout of the deployment's calls
     */
    ProbingBreaker(String deployment, Duration timeout, InstantSource clock) {
        this.clock = clock;
        this.breaker =
                CircuitBreaker.of(
                        deployment,
                        CircuitBreakerConfig.custom()
                                .clock(clock.withZone(ZoneOffset.UTC))
                                .slidingWindowType(SlidingWindowType.TIME_BASED)
                                .slidingWindowSize(30)
                                .minimumNumberOfCalls(20)
                                .failureRateThreshold(50)
                                .slowCallRateThreshold(100)
                                .slowCallDurationThreshold(timeout)
                                .waitDurationInOpenState(Duration.ofSeconds(10))
                                .permittedNumberOfCallsInHalfOpenState(PROBES)
                                .maxWaitDurationInHalfOpenState(timeout.plus(MINUTE))
                                .automaticTransitionFromOpenToHalfOpenEnabled(false)
                                .build());
        breaker.getEventPublisher()
                .onStateTransition(event -> changed(event.getStateTransition().getToState()));
    }

    /** State of the circuit breaker. */
    enum State {
        CLOSED,
        HALF_OPEN,
        OPEN
    }

    /** Message of the latest failed call; empty if none failed. */
    String lastFailure() {
        return lastFailure;
    }

    /** Share of the last 30 seconds' calls that failed, from 0 to 1; NaN for fewer than 20. */
    double failureRate() {
        float percent = breaker.getMetrics().getFailureRate();
        return percent < 0 ? Double.NaN : percent / 100;
    }

    State state() {
        return switch (breaker.getState()) {
            case OPEN, FORCED_OPEN -> State.OPEN;
            case HALF_OPEN -> State.HALF_OPEN;
            case CLOSED, DISABLED, METRICS_ONLY -> State.CLOSED;
        };
    }

    /** Lets a call through; empty if it may not be made now. */
    Optional<Ticket> enter() {
        try (var _ = mutex.hold()) {
            return breaker.tryAcquirePermission()
                    ? Optional.of(new Ticket(epoch))
                    : Optional.empty();
        }
    }

    /** Permission of one call; exactly one of its methods must be called, once. */
    final class Ticket {
        private final long grantedEpoch;
        private final Instant grantedAt = clock.instant();

        private Ticket(long grantedEpoch) {
            this.grantedEpoch = grantedEpoch;
        }

        /** Counts a call that the deployment accepted. */
        void accepted() {
            outage.accepted();
            try (var _ = mutex.hold()) {
                if (!isCurrent()) {
                    return;
                }
                if (state() == State.HALF_OPEN) {
                    breaker.transitionToClosedState();
                } else {
                    breaker.onSuccess(nanos(), TimeUnit.NANOSECONDS);
                }
            }
        }

        /** Counts a failed call. */
        void failed(String message) {
            lastFailure = message;
            boolean isOutage = outage.failed(clock.instant());
            try (var _ = mutex.hold()) {
                if (!isCurrent()) {
                    return;
                }
                breaker.onError(nanos(), TimeUnit.NANOSECONDS, new IllegalStateException(message));
                if (isOutage && state() == State.CLOSED) {
                    breaker.transitionToOpenState();
                }
            }
        }

        /**
         * Returns the permission of a call that was not made or whose result does not concern the
         * deployment.
         */
        void giveBack() {
            try (var _ = mutex.hold()) {
                if (isCurrent()) {
                    breaker.releasePermission();
                }
            }
        }

        private boolean isCurrent() {
            return grantedEpoch == epoch;
        }

        private long nanos() {
            return Duration.between(grantedAt, clock.instant()).toNanos();
        }
    }

    /** Logs a change of state. Needs the lock. */
    private void changed(CircuitBreaker.State to) {
        epoch++;
        switch (to) {
            case OPEN, FORCED_OPEN -> {
                log.atLevel(failureLogged ? Level.DEBUG : Level.WARN)
                        .addKeyValue("deployment", breaker.getName())
                        .addKeyValue("reason", lastFailure)
                        .log("circuit breaker opened: calls fail");
                failureLogged = true;
            }
            case CLOSED -> {
                log.atInfo()
                        .addKeyValue("deployment", breaker.getName())
                        .log("circuit breaker closed: calls are accepted");
                failureLogged = false;
            }
            case HALF_OPEN, DISABLED, METRICS_ONLY -> {}
        }
    }
}
