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
 * A model behind its guards: asks when deadline, cap, quota and breaker allow it, and again while
 * that can help. Every call is booked, logged with its tokens, and reported. Safe for use by many
 * threads.
 */
public final class GuardedModel {
    /** Clearance that could not be used sooner is asked for again. */
    private static final Duration CLEARANCE_HOLDS = Duration.ofSeconds(1);

    private final List<DeploymentGuard> deployments;
    private final Gate gate;
    private final RetryPolicy retries;
    private final Clocks clocks;
    private final CallRecorder recorder;

    /** What came of asking, with all tries. */
    public sealed interface Outcome {}

    /** The model answered. */
    public record Replied(ModelReply.Answered answer) implements Outcome {}

    /** The model declined to answer. */
    public record Declined(ModelReply.Refused refusal) implements Outcome {}

    /** It did not, and asking again will not help. */
    public record GaveUp(Failure failure) implements Outcome {}

    /**
     * @param deployments where the model and its fallbacks can be called, the preferred one first
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

    /** Traits of every model that may answer. */
    public List<ModelTraits> traits() {
        return deployments.stream().map(guard -> guard.deployment().traits()).distinct().toList();
    }

    /** Asks, waits and asks again until there is something to judge or nothing more to try. */
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

    /** What follows from one attempt to make a call. */
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
        boolean onRecord = false;
        try {
            onRecord = budget.journal().starting(ifLost);
        } finally {
            if (!onRecord) {
                planned.permit().giveBack();
            }
        }
        if (!onRecord) {
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
     * Cleared long ago: with all others that waited for the journal it would go at once. It goes if
     * its deployment clears it now.
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

    /** A call that was sent stays in the books, whatever ends it. */
    private Released call(Planned planned, JobBudget budget) throws InterruptedException {
        DeploymentGuard.Permit permit = planned.permit();
        CallResult result;
        try {
            result = permit.model().ask(planned.request(), planned.id());
        } catch (InterruptedException e) {
            // The job is cancelled, which says nothing of the deployment.
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

    /** What a reply means for the job. */
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
                                : new Later(alone(throttled.retryAfter(), tries)),
                        tries,
                        throttled.message());
            }
            case ModelReply.Blocked blocked -> {
                // The deployment pauses for all, unless it takes others and this one alone not.
                tries.blocked(permit, released.isForAll());
                yield again(
                        released.isForAll()
                                ? new Now()
                                : new Later(alone(blocked.retryAfter(), tries)),
                        tries,
                        blocked.message());
            }
            case ModelReply.Unavailable unavailable -> {
                tries.failed(permit, unavailable);
                yield again(
                        new Later(alone(unavailable.retryAfter(), tries)),
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

    /** A job that waits while the others go on: as long as it is asked to, or goes elsewhere. */
    private Duration alone(Optional<Duration> retryAfter, Tries tries) {
        Duration asked = deployments.size() > 1 ? Duration.ZERO : retryAfter.orElse(Duration.ZERO);
        Duration own = backoff(tries);
        return asked.compareTo(own) > 0 ? asked : own;
    }

    private Failure exhausted(Tries tries, String last) {
        String counted =
                switch (retries.counting()) {
                    case OWN -> tries.counted() + " tries failed that others did not share";
                    case ALL -> tries.failures() + " tries failed";
                };
        return new Failure.RetriesExhausted(counted + ", the last with: " + last);
    }
}
