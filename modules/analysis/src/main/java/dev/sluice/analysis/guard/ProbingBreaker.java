package dev.sluice.analysis.guard;

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
 * The circuit breaker of one deployment. It opens when half of the calls of the last 30 s failed,
 * or when none was taken for as long, and lets three probes through every 10 s; the first that is
 * taken closes it. What comes of a call counts only in the state it was let through in: late
 * timeouts of an outage say nothing of the probes after it. Safe for use by many threads.
 */
final class ProbingBreaker {
    private static final Logger log = LoggerFactory.getLogger(ProbingBreaker.class);

    static final int PROBES = 3;

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final CircuitBreaker breaker;
    private final OutageDetector outage = new OutageDetector();
    private final InstantSource clock;

    /** A permission and the state it is of are one: changes of state happen under it too. */
    private final Object lock = new Object();

    /** Counts the changes of state. */
    private long epoch;

    private volatile String lastFailure = "";

    /** Whether the log says that calls fail: probes that fail too are no news. */
    private boolean saidThatCallsFail;

    /**
     * @param deployment named in the log
     * @param timeout of its calls
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

    /** What a circuit breaker does. */
    enum State {
        CLOSED,
        HALF_OPEN,
        OPEN
    }

    /** What the latest call that failed failed with. */
    String lastFailure() {
        return lastFailure;
    }

    State state() {
        return switch (breaker.getState()) {
            case OPEN, FORCED_OPEN -> State.OPEN;
            case HALF_OPEN -> State.HALF_OPEN;
            case CLOSED, DISABLED, METRICS_ONLY -> State.CLOSED;
        };
    }

    /** Lets a call through, or not. */
    Optional<Ticket> enter() {
        synchronized (lock) {
            return breaker.tryAcquirePermission()
                    ? Optional.of(new Ticket(epoch))
                    : Optional.empty();
        }
    }

    /** One call that was let through; one of its methods must be called once. */
    final class Ticket {
        private final long givenIn;
        private final Instant givenAt = clock.instant();

        private Ticket(long givenIn) {
            this.givenIn = givenIn;
        }

        /** The call was taken. */
        void taken() {
            outage.ends();
            synchronized (lock) {
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

        /** The call failed. */
        void failed(String message) {
            lastFailure = message;
            boolean isOutage = outage.goesOn(clock.instant());
            synchronized (lock) {
                if (!isCurrent()) {
                    return;
                }
                breaker.onError(nanos(), TimeUnit.NANOSECONDS, new IllegalStateException(message));
                if (isOutage && state() == State.CLOSED) {
                    breaker.transitionToOpenState();
                }
            }
        }

        /** The call was not made, or says nothing of the deployment. */
        void giveBack() {
            synchronized (lock) {
                if (isCurrent()) {
                    breaker.releasePermission();
                }
            }
        }

        private boolean isCurrent() {
            return givenIn == epoch;
        }

        private long nanos() {
            return Duration.between(givenAt, clock.instant()).toNanos();
        }
    }

    /** Under the lock. */
    private void changed(CircuitBreaker.State to) {
        epoch++;
        switch (to) {
            case OPEN, FORCED_OPEN -> {
                log.atLevel(saidThatCallsFail ? Level.DEBUG : Level.WARN)
                        .addKeyValue("deployment", breaker.getName())
                        .addKeyValue("reason", lastFailure)
                        .log("circuit breaker opened: calls fail");
                saidThatCallsFail = true;
            }
            case CLOSED -> {
                log.atInfo()
                        .addKeyValue("deployment", breaker.getName())
                        .log("circuit breaker closed: calls are taken");
                saidThatCallsFail = false;
            }
            case HALF_OPEN, DISABLED, METRICS_ONLY -> {}
        }
    }
}
