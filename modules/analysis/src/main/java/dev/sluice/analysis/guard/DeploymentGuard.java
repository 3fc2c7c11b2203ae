package dev.sluice.analysis.guard;

import dev.sluice.analysis.guard.Clearance.Waiting;
import dev.sluice.analysis.guard.DeploymentState.Kind;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.quota.DeploymentQuota;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Guards of one deployment: its quota, its pauses, its circuit breaker and its ceiling on calls per
 * second. Safe for use by many threads.
 */
public final class DeploymentGuard {
    private static final Logger log = LoggerFactory.getLogger(DeploymentGuard.class);

    /** Length above which a pause is logged and reported; no backoff after a 429 is longer. */
    private static final Duration LONG_PAUSE = Duration.ofSeconds(30);

    /** Interval at which calls ask an open circuit breaker again. */
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);

    private final Deployment deployment;
    private final Model model;
    private final InstantSource clock;
    private final DeploymentQuota quota;
    private final FairQueue queue;
    private final ProbingBreaker breaker;
    private final Optional<CallRateCeiling> ceiling;
    private final RejectionStreak rejections = new RejectionStreak();
    private final DeploymentPauses pauses = new DeploymentPauses();
    private final AtomicLong answers = new AtomicLong();

    /**
     * @param clock of quota, pauses and circuit breaker; must be monotonic
     */
    public DeploymentGuard(Deployment deployment, Model model, InstantSource clock) {
        this.deployment = deployment;
        this.model = model;
        this.clock = clock;
        this.queue = new FairQueue(clock);
        this.quota = new DeploymentQuota(deployment.limits(), clock.instant());
        this.breaker = new ProbingBreaker(deployment.id(), deployment.endpoint().timeout(), clock);
        this.ceiling = deployment.limits().maxCallsPerSecond().map(CallRateCeiling::new);
    }

    /**
     * Result of a call.
     *
     * @param reply as classified by the guards
     * @param isForAll whether other jobs wait too if the call was rejected
     */
    record Released(ModelReply reply, boolean isForAll) {}

    /** Permission to make one call. */
    final class Permit {
        private final String analysis;
        private final DeploymentQuota.Reservation reservation;
        private final ProbingBreaker.Ticket ticket;
        private final Instant startedAt;
        private final long answersBefore = answers.get();

        private Permit(
                String analysis,
                DeploymentQuota.Reservation reservation,
                ProbingBreaker.Ticket ticket,
                Instant startedAt) {
            this.analysis = analysis;
            this.reservation = reservation;
            this.ticket = ticket;
            this.startedAt = startedAt;
        }

        Model model() {
            return model;
        }

        Deployment deployment() {
            return deployment;
        }

        /** Time since the permit was issued. */
        Duration age() {
            return Duration.between(startedAt, clock.instant());
        }

        /** Number of calls the deployment had answered when this call was cleared. */
        long answersBefore() {
            return answersBefore;
        }

        /**
         * Gives the call's reply to the guards.
         *
         * @param othersAnswered whether other jobs were answered since the job's previous try here;
         *     if so, a rejection is not the deployment's fault
         * @param firstTry whether it is the job's first try here; further tries of the same job
         *     prove nothing new
         */
        Released release(ModelReply reply, boolean othersAnswered, boolean firstTry) {
            Instant now = clock.instant();
            return switch (reply) {
                case ModelReply.Answered answered -> {
                    quota.answered(reservation, answered.usage(), answered.limits(), now);
                    yield accepted(reply);
                }
                case ModelReply.Refused refused -> {
                    quota.answered(reservation, refused.usage(), RateLimits.NONE, now);
                    yield accepted(reply);
                }
                case ModelReply.Unavailable unavailable -> {
                    if (!othersAnswered) {
                        unavailable.retryAfter().ifPresent(wait -> pause(now, wait));
                    }
                    ticket.failed(unavailable.message());
                    yield new Released(reply, false);
                }
                case ModelReply.Rejected rejected ->
                        rejected.because() == ModelReply.Because.UNKNOWN
                                        && rejections.rejected(analysis)
                                ? blocked(rejectsEverything(rejected), othersAnswered, false, now)
                                : rejected(rejected);
                case ModelReply.Throttled throttled -> {
                    ticket.giveBack();
                    boolean isForAll = !othersAnswered && quota.throttled(reservation, now);
                    if (isForAll) {
                        pauseAfterThrottling(throttled, now);
                    }
                    yield new Released(reply, isForAll);
                }
                case ModelReply.Blocked blocked -> blocked(blocked, othersAnswered, firstTry, now);
            };
        }

        private void pauseAfterThrottling(ModelReply.Throttled throttled, Instant now) {
            Optional<Duration> asked = throttled.retryAfter().filter(Duration::isPositive);
            asked.ifPresentOrElse(wait -> pause(now, wait), () -> pauses.rejected(startedAt, now));
        }

        private Released accepted(ModelReply reply) {
            rejections.accepted(analysis);
            answers.incrementAndGet();
            ticket.accepted();
            lift();
            return new Released(reply, false);
        }

        private Released rejected(ModelReply.Rejected rejected) {
            answers.incrementAndGet();
            ticket.giveBack();
            lift();
            return new Released(rejected, false);
        }

        private void lift() {
            if (pauses.accepted(startedAt)) {
                named(log.atInfo()).log("deployment takes calls again");
            }
        }

        /** Pauses the deployment; logs a pause longer than {@link #LONG_PAUSE}. */
        private void pause(Instant now, Duration wait) {
            if (pauses.requested(startedAt, now, wait) && wait.compareTo(LONG_PAUSE) > 0) {
                named(log.atWarn())
                        .addKeyValue("seconds", wait.toSeconds())
                        .log("deployment paused: the provider asks to come back later");
            }
        }

        private Released blocked(
                ModelReply.Blocked blocked, boolean othersAnswered, boolean firstTry, Instant now) {
            ticket.giveBack();
            boolean known =
                    blocked.fault() == ModelReply.Fault.DEPLOYMENT || pauses.fault().isPresent();
            boolean concernsAll = known || (firstTry && rejections.rejected(analysis));
            if (othersAnswered || !concernsAll) {
                return new Released(blocked, false);
            }
            blocked.retryAfter().ifPresent(wait -> pause(now, wait));
            if (pauses.blocked(startedAt, now, blocked.message())) {
                named(log.atError())
                        .addKeyValue("reason", blocked.message())
                        .log("deployment paused: an operator has to fix the fault");
            }
            return new Released(blocked, true);
        }

        private static ModelReply.Blocked rejectsEverything(ModelReply.Rejected rejected) {
            return new ModelReply.Blocked(
                    rejected.httpStatus(),
                    rejected.message() + " for every request",
                    Optional.empty());
        }

        /** Gives the permit back and asks for a new one. */
        Clearance exchange(ModelRequest request, ModelPrice price) {
            giveBack();
            return clear(request, price);
        }

        /** Returns the permit of a call that was not made. */
        void giveBack() {
            quota.giveBack(reservation, clock.instant());
            ticket.giveBack();
        }

        /** Releases the permit of a call that was cancelled; its quota stays used. */
        void abandon() {
            ticket.giveBack();
        }
    }

    public Deployment deployment() {
        return deployment;
    }

    /** Queue of the jobs that prefer this deployment. */
    FairQueue queue() {
        return queue;
    }

    /** Asks all guards; a permit must be released, given back or abandoned. */
    Clearance clear(ModelRequest request, ModelPrice price) {
        Instant now = clock.instant();
        Optional<Instant> paused = pauses.until(now);
        if (paused.isPresent()) {
            return paused(Duration.between(now, paused.get()));
        }
        Optional<ProbingBreaker.Ticket> ticket = breaker.enter();
        if (ticket.isEmpty()) {
            return new Waiting(Waiting.Reason.BREAKER_OPEN, PROBE_INTERVAL);
        }
        Duration wait = quota.wait(request, now);
        if (wait.isPositive()) {
            ticket.get().giveBack();
            return new Waiting(Waiting.Reason.QUOTA, wait);
        }
        if (ceiling.isPresent() && !ceiling.get().enter()) {
            ticket.get().giveBack();
            return new Waiting(Waiting.Reason.MAX_CALLS, ceiling.get().interval());
        }
        return switch (quota.reserve(request, now)) {
            case DeploymentQuota.NotBefore(var instant) -> {
                ticket.get().giveBack();
                yield new Waiting(Waiting.Reason.QUOTA, Duration.between(now, instant));
            }
            case DeploymentQuota.Granted(var reservation) ->
                    enter(new Permit(request.analysis(), reservation, ticket.get(), now), price);
        };
    }

    private LoggingEventBuilder named(LoggingEventBuilder event) {
        return event.addKeyValue("model", deployment.model())
                .addKeyValue("deployment", deployment.name());
    }

    private Clearance enter(Permit permit, ModelPrice price) {
        Instant now = permit.startedAt;
        if (!pauses.enter(now)) {
            permit.giveBack();
            return paused(Duration.between(now, pauses.until(now).orElse(now)));
        }
        return new Clearance.Cleared(permit, price);
    }

    /**
     * Message about the assumed limit of requests, naming the key to set. Empty if the limit is
     * configured or the provider has reported it.
     */
    public Optional<String> assumedLimit() {
        return quota.assumed(Limit.REQUESTS)
                .map(perMinute ->
                        "at most "
                                + perMinute
                                + " requests a minute until the provider reports its limit; to"
                                + " change it, set requests-per-minute of deployment "
                                + deployment.name()
                                + " of models."
                                + deployment.model());
    }

    /** The fault an operator has to fix before calls go on, if there is one. */
    public Optional<String> trouble() {
        return pauses.fault().map(fault -> deployment.id() + ": " + fault);
    }

    /**
     * Why a model needs attention, for health checks: one of its deployments has a fault for an
     * operator, or none of them takes calls now. Empty if neither holds.
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
     * Why calls are held back now, if they are. An occasional 429 does not count; a pause of more
     * than 30 s does.
     */
    public Optional<String> heldBack() {
        DeploymentState state = state();
        Instant now = clock.instant();
        Optional<String> reason =
                switch (state.kind()) {
                    case TAKING_CALLS -> Optional.empty();
                    case PAUSED -> Optional.of(" is paused: " + state.cause());
                    case THROTTLED ->
                            pauses.until(now)
                                    .filter(until -> until.isAfter(now.plus(LONG_PAUSE)))
                                    .map(until -> " is paused until " + until);
                    case FAILING -> Optional.of(": the circuit breaker is open");
                    case PROBING -> Optional.of(": the circuit breaker lets probes through");
                };
        return reason.map(text -> deployment.name() + text);
    }

    /** State of the deployment now. */
    public DeploymentState state() {
        Optional<String> fault = pauses.fault();
        if (fault.isPresent()) {
            return new DeploymentState(Kind.PAUSED, fault.get());
        }
        return switch (breaker.state()) {
            case CLOSED ->
                    pauses.until(clock.instant()).isPresent()
                            ? new DeploymentState(
                                    Kind.THROTTLED, "the provider asked to come back later")
                            : DeploymentState.TAKING_CALLS;
            case OPEN -> new DeploymentState(Kind.FAILING, breaker.lastFailure());
            case HALF_OPEN -> new DeploymentState(Kind.PROBING, breaker.lastFailure());
        };
    }

    /** Sets this worker's part of the installation's limits, from 0 to 1. */
    public void share(double share) {
        quota.share(share, clock.instant());
    }

    /** The quota of the provider's limits, as far as they are known. */
    public DeploymentQuota quota() {
        return quota;
    }

    /** Share of the last 30 seconds' calls that failed, from 0 to 1; NaN for fewer than 20. */
    public double failureRate() {
        return breaker.failureRate();
    }

    ProbingBreaker.State breaker() {
        return breaker.state();
    }

    /** Number of waiting jobs that prefer this deployment. */
    public int waiting() {
        return queue.length();
    }

    private Waiting paused(Duration wait) {
        return new Waiting(
                pauses.fault().isPresent() ? Waiting.Reason.PAUSED : Waiting.Reason.THROTTLED,
                wait);
    }
}
