package dev.sluice.analysis.guard;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.Call.Purpose;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.guard.CallRecorder.Planned;
import dev.sluice.analysis.guard.Clearance.Cleared;
import dev.sluice.analysis.guard.Clearance.Denied;
import dev.sluice.analysis.guard.Clearance.Waiting;
import dev.sluice.analysis.guard.DeploymentGuard.Released;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Model with its guards: it makes a call when deadline, cap, quota and circuit breaker allow it,
 * and retries while a retry can help. Every call is booked, and reported to the observer. Safe for
 * use by many threads.
 */
public final class GuardedModel {
    /** Age from which a clearance must be renewed before the call is made. */
    private static final Duration CLEARANCE_HOLDS = Duration.ofSeconds(1);

    private final List<DeploymentGuard> deployments;
    private final Gate gate;
    private final RetryPolicy retries;
    private final Clocks clocks;
    private final CallRecorder recorder;

    /** Result of asking a model, including all retries. */
    public sealed interface Outcome {}

    /** The model answered. */
    public record Replied(ModelReply.Answered answer) implements Outcome {}

    /** The model declined to answer. */
    public record Declined(ModelReply.Refused refusal) implements Outcome {}

    /** The model did not answer, and a retry will not help. */
    public record GaveUp(Failure failure) implements Outcome {}

    /**
     * @param deployments of the model and its fallbacks, in order of preference
     * @param sleeper waits by the steady clock
     */
    public GuardedModel(
            List<DeploymentGuard> deployments,
            RetryPolicy retries,
            Clocks clocks,
            Sleeper sleeper,
            CallObserver observer) {
        if (deployments.isEmpty()) {
            throw new IllegalArgumentException("a model needs at least one deployment");
        }
        this.deployments = List.copyOf(deployments);
        this.gate = new Gate(this.deployments, clocks, sleeper, observer);
        this.retries = retries;
        this.clocks = clocks;
        this.recorder = new CallRecorder(observer);
    }

    /** Traits of all models that may answer. */
    public List<ModelTraits> traits() {
        return deployments.stream().map(guard -> guard.deployment().traits()).distinct().toList();
    }

    /** Asks, waits and retries until the model replies or no retry can help. */
    public Outcome ask(ModelRequest request, Purpose purpose, JobBudget budget)
            throws InterruptedException {
        long inputTokens = request.maxInputTokens();
        while (true) {
            switch (step(request, inputTokens, purpose, budget)) {
                case Done(var outcome) -> {
                    return outcome;
                }
                case Later(var time) -> gate.backOff(time, budget);
                case Now() -> {}
            }
        }
    }

    /** Next step after one attempt to make a call. */
    private sealed interface Step {}

    private record Done(Outcome outcome) implements Step {}

    private record Later(Duration time) implements Step {}

    private record Now() implements Step {}

    private Step step(ModelRequest request, long inputTokens, Purpose purpose, JobBudget budget)
            throws InterruptedException {
        return switch (gate.pass(request, inputTokens, budget)) {
            case Denied(var failure) -> new Done(new GaveUp(failure));
            case Cleared(var permit, var price) ->
                    cleared(
                            new Planned(
                                    UUID.randomUUID(),
                                    budget.nextAttempt(),
                                    request,
                                    inputTokens,
                                    purpose,
                                    clocks.wall().instant(),
                                    permit,
                                    price),
                            budget);
        };
    }

    private Step cleared(Planned planned, JobBudget budget) throws InterruptedException {
        Call ifLost = recorder.ifLost(planned);
        boolean recorded = false;
        try {
            recorded = budget.journal().starting(ifLost);
        } finally {
            if (!recorded) {
                planned.permit().giveBack();
            }
        }
        if (!recorded) {
            return new Now();
        }
        if (!clocks.wall().instant().isBefore(budget.deadline())) {
            planned.permit().giveBack();
            budget.journal().withdrawn(ifLost);
            return new Now();
        }
        return planned.permit().age().compareTo(CLEARANCE_HOLDS) > 0
                ? clearedAgain(planned, ifLost, budget)
                : next(call(planned, budget), planned.permit(), budget);
    }

    /**
     * Makes a call whose clearance is old, if its deployment clears it again. Otherwise all calls
     * that waited for the journal would be made at once.
     */
    private Step clearedAgain(Planned planned, Call ifLost, JobBudget budget)
            throws InterruptedException {
        return switch (planned.permit().exchange(planned.request(), planned.price())) {
            case Cleared(var permit, var _) ->
                    next(
                            call(planned.with(permit, clocks.wall().instant()), budget),
                            permit,
                            budget);
            case Waiting _ -> {
                budget.journal().withdrawn(ifLost);
                yield new Now();
            }
            case Denied(var failure) -> {
                budget.journal().withdrawn(ifLost);
                yield new Done(new GaveUp(failure));
            }
        };
    }

    /** Makes the call and books it, even if an exception or interrupt ends it. */
    private Released call(Planned planned, JobBudget budget) throws InterruptedException {
        DeploymentGuard.Permit permit = planned.permit();
        CallResult result;
        try {
            result = permit.model().ask(planned.request(), planned.id());
        } catch (InterruptedException e) {
            // The job was cancelled; that does not count against the deployment.
            permit.abandon();
            recorder.recordLost(planned, budget);
            throw e;
        } catch (RuntimeException | Error e) {
            Released _ = permit.release(CallRecorder.LOST, false, false);
            recorder.recordLost(planned, budget);
            throw e;
        }
        Released released =
                permit.release(
                        result.reply(),
                        budget.tries().othersWereAnswered(permit),
                        budget.tries().at(permit.deployment()) == 0);
        recorder.record(planned, new CallResult(released.reply(), result.facts()), budget);
        return released;
    }

    /** Next step of the job after a reply. */
    private Step next(Released released, DeploymentGuard.Permit permit, JobBudget budget) {
        Tries tries = budget.tries();
        return switch (released.reply()) {
            case ModelReply.Answered answered -> {
                tries.succeeded();
                yield new Done(new Replied(answered));
            }
            case ModelReply.Refused refused -> new Done(new Declined(refused));
            case ModelReply.Rejected rejected ->
                    switch (rejected.because()) {
                        case LIMITS -> {
                            tries.exclude(permit, rejected.message());
                            yield new Now();
                        }
                        case REQUEST, UNKNOWN ->
                                new Done(
                                        new GaveUp(
                                                new Failure.RejectedByProvider(
                                                        rejected.message())));
                    };
            case ModelReply.Throttled throttled -> {
                tries.throttled(permit);
                yield again(
                        released.isForAll()
                                ? new Now()
                                : new Later(singleWait(throttled.retryAfter(), tries)),
                        tries,
                        throttled.message());
            }
            case ModelReply.Blocked blocked -> {
                // The deployment pauses for all jobs, unless it rejects only this one.
                tries.blocked(permit, released.isForAll());
                yield again(
                        released.isForAll()
                                ? new Now()
                                : new Later(singleWait(blocked.retryAfter(), tries)),
                        tries,
                        blocked.message());
            }
            case ModelReply.Unavailable unavailable -> {
                tries.failed(permit, unavailable);
                yield again(
                        new Later(singleWait(unavailable.retryAfter(), tries)),
                        tries,
                        unavailable.message());
            }
        };
    }

    private Step again(Step step, Tries tries, String message) {
        return tries.areUsedUp(retries) ? new Done(new GaveUp(exhausted(tries, message))) : step;
    }

    private Duration backoff(Tries tries) {
        return retries.wait(tries.inARow(), RandomGenerator.getDefault());
    }

    /**
     * Wait of a single job: its backoff, or the provider's retry-after if that is longer and there
     * is no other deployment.
     */
    private Duration singleWait(Optional<Duration> retryAfter, Tries tries) {
        Duration asked = deployments.size() > 1 ? Duration.ZERO : retryAfter.orElse(Duration.ZERO);
        Duration own = backoff(tries);
        return asked.compareTo(own) > 0 ? asked : own;
    }

    private Failure exhausted(Tries tries, String last) {
        String counted =
                switch (retries.counting()) {
                    case OWN -> tries.counted() + " tries failed while other calls were answered";
                    case ALL -> tries.failures() + " tries failed";
                };
        return new Failure.RetriesExhausted(counted + ", the last with: " + last);
    }
}
