package dev.sluice.analysis.guard;

import dev.sluice.analysis.Call;
import dev.sluice.analysis.Call.Purpose;
import dev.sluice.analysis.CallObserver;
import dev.sluice.analysis.Failure;
import dev.sluice.analysis.guard.CallRecorder.Planned;
import dev.sluice.analysis.guard.Clearance.Cleared;
import dev.sluice.analysis.guard.Clearance.Denied;
import dev.sluice.analysis.guard.Clearance.Waiting;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
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
    private final InstantSource clock;
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
     */
    public GuardedModel(
            List<DeploymentGuard> deployments,
            RetryPolicy retries,
            InstantSource clock,
            Pause pause,
            CallObserver observer) {
        if (deployments.isEmpty()) {
            throw new IllegalArgumentException("a model needs at least one deployment");
        }
        this.deployments = List.copyOf(deployments);
        this.gate = new Gate(this.deployments, clock, pause, observer);
        this.retries = retries;
        this.clock = clock;
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
                case Later(var until) -> gate.backOff(until, budget);
                case Now() -> {}
            }
        }
    }

    /** What follows from one attempt to make a call. */
    private sealed interface Step {}

    private record Done(Outcome outcome) implements Step {}

    private record Later(Instant until) implements Step {}

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
                                    clock.instant(),
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
        if (!clock.instant().isBefore(budget.deadline())) {
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
                    next(call(planned.with(permit, clock.instant()), budget), permit, budget);
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
    private ModelReply call(Planned planned, JobBudget budget) throws InterruptedException {
        DeploymentGuard.Permit permit = planned.permit();
        try {
            ModelReply reply = permit.model().ask(planned.request(), planned.id());
            permit.release(reply, budget.tries().othersWereAnswered(permit));
            recorder.record(planned, reply, budget);
            return reply;
        } catch (InterruptedException e) {
            // The job is cancelled, which says nothing of the deployment.
            permit.abandon();
            recorder.record(planned, CallRecorder.LOST, budget);
            throw e;
        } catch (RuntimeException | Error e) {
            permit.release(CallRecorder.LOST, false);
            recorder.record(planned, CallRecorder.LOST, budget);
            throw e;
        }
    }

    /** What a reply means for the job. */
    private Step next(ModelReply reply, DeploymentGuard.Permit permit, JobBudget budget) {
        Tries tries = budget.tries();
        return switch (reply) {
            case ModelReply.Answered answered -> {
                tries.succeeded();
                yield new Done(new Replied(answered));
            }
            case ModelReply.Refused refused -> new Done(new Declined(refused));
            case ModelReply.Rejected rejected -> {
                if (rejected.hereOnly()) {
                    tries.exclude(permit, rejected.message());
                    yield new Now();
                }
                yield new Done(new GaveUp(new Failure.RejectedByProvider(rejected.message())));
            }
            case ModelReply.Throttled throttled -> {
                // The deployment pauses for all, unless it takes others and this one alone not.
                tries.turnedAway(permit, throttled.needsOperator());
                yield again(new Now(), tries, throttled.message());
            }
            case ModelReply.Unavailable unavailable -> {
                tries.failed(permit, unavailable.answerLost());
                yield again(new Later(backoff(tries)), tries, unavailable.message());
            }
        };
    }

    private Step again(Step step, Tries tries, String message) {
        return tries.counted() >= retries.attempts()
                ? new Done(new GaveUp(exhausted(tries, message)))
                : step;
    }

    private Instant backoff(Tries tries) {
        return clock.instant().plus(retries.wait(tries.inARow(), RandomGenerator.getDefault()));
    }

    private static Failure exhausted(Tries tries, String last) {
        return new Failure.RetriesExhausted(
                tries.counted()
                        + " tries failed while others were answered, the last with: "
                        + last);
    }
}
