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
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
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
    private final RetryPolicy retries;
    private final InstantSource clock;
    private final Pause pause;
    private final CallObserver observer;
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
        this.retries = retries;
        this.clock = clock;
        this.pause = pause;
        this.observer = observer;
        this.recorder = new CallRecorder(clock, observer);
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
                case Later(var waiting) -> await(waiting, budget);
                case Now() -> {}
            }
        }
    }

    /** What follows from one attempt to make a call. */
    private sealed interface Step {}

    private record Done(Outcome outcome) implements Step {}

    private record Later(Waiting waiting) implements Step {}

    private record Now() implements Step {}

    private Step step(ModelRequest request, long inputTokens, Purpose purpose, JobBudget budget)
            throws InterruptedException {
        return switch (clear(inputTokens, request.maxOutputTokens(), budget)) {
            case Denied(var failure) -> new Done(new GaveUp(failure));
            case Waiting waiting -> new Later(waiting);
            case Cleared(var permit, var price) ->
                    cleared(
                            new Planned(
                                    UUID.randomUUID(),
                                    budget.nextAttempt(),
                                    request,
                                    inputTokens,
                                    purpose,
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
        return isStale(planned.permit())
                ? clearedAgain(planned, ifLost, budget)
                : next(call(planned, budget), planned.permit(), budget);
    }

    /**
     * Cleared long ago: with all others that waited for the journal it would go at once. It goes if
     * its deployment clears it now.
     */
    private Step clearedAgain(Planned planned, Call ifLost, JobBudget budget)
            throws InterruptedException {
        switch (planned.permit().exchange(planned.price())) {
            case Cleared(var permit, var _) -> {
                Planned again = planned.with(permit);
                return next(call(again, budget), permit, budget);
            }
            case Waiting waiting -> {
                budget.journal().withdrawn(ifLost);
                return new Later(waiting);
            }
            case Denied(var failure) -> {
                budget.journal().withdrawn(ifLost);
                return new Done(new GaveUp(failure));
            }
        }
    }

    private boolean isStale(DeploymentGuard.Permit permit) {
        return clock.instant().isAfter(permit.startedAt().plus(CLEARANCE_HOLDS));
    }

    /** The first deployment that clears the call, or the shortest wait. */
    private Clearance clear(long inputTokens, long outputTokens, JobBudget budget) {
        if (!clock.instant().isBefore(budget.deadline())) {
            return new Denied(
                    new Failure.DeadlineExceeded("the deadline was " + budget.deadline()));
        }
        Optional<Waiting> shortest = Optional.empty();
        Optional<Failure> denied = Optional.empty();
        for (DeploymentGuard guard : inOrder(budget.tries())) {
            Optional<ModelPrice> price = budget.price(guard.deployment().modelId());
            if (price.isEmpty()) {
                denied = denied.or(() -> Optional.of(unpriced(guard)));
                continue;
            }
            Cost worst = price.get().worstCost(inputTokens, outputTokens);
            if (!budget.covers(worst)) {
                denied = denied.or(() -> Optional.of(exhausted(worst, budget)));
                continue;
            }
            switch (guard.clear(price.get())) {
                case Cleared cleared -> {
                    return cleared;
                }
                case Denied denial -> {
                    return denial;
                }
                case Waiting waiting -> {
                    if (shortest.isEmpty() || waiting.until().isBefore(shortest.get().until())) {
                        shortest = Optional.of(waiting);
                    }
                }
            }
        }
        if (shortest.isEmpty()) {
            return new Denied(denied.orElseThrow());
        }
        Waiting waiting = shortest.get();
        boolean beyondDeadline = waiting.until().isAfter(budget.deadline());
        return beyondDeadline ? new Waiting(waiting.reason(), budget.deadline()) : waiting;
    }

    /** As configured, but those that failed this job less often go first. */
    private List<DeploymentGuard> inOrder(Tries tries) {
        return deployments.size() == 1
                ? deployments
                : deployments.stream().sorted(Comparator.comparingInt(tries::at)).toList();
    }

    /** A call that was sent stays in the books, whatever ends it. */
    private ModelReply call(Planned planned, JobBudget budget) throws InterruptedException {
        DeploymentGuard.Permit permit = planned.permit();
        try {
            ModelReply reply = permit.model().ask(planned.request(), planned.id());
            permit.release(reply);
            recorder.record(planned, reply, budget);
            return reply;
        } catch (InterruptedException e) {
            // The job is cancelled, which says nothing of the deployment.
            permit.giveBack();
            recorder.record(planned, CallRecorder.LOST, budget);
            throw e;
        } catch (RuntimeException | Error e) {
            permit.release(CallRecorder.LOST);
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
            case ModelReply.Rejected rejected ->
                    new Done(new GaveUp(new Failure.RejectedByProvider(rejected.message())));
            case ModelReply.Throttled throttled -> {
                tries.failed(permit, false);
                // "Retry after 0 s" is no pause: without one of ours it would spin.
                boolean paused =
                        throttled.needsOperator()
                                || throttled.retryAfter().filter(Duration::isPositive).isPresent();
                yield paused ? new Now() : new Later(backoff(tries, budget));
            }
            case ModelReply.Unavailable unavailable -> {
                tries.failed(permit, true);
                yield tries.counted() >= retries.attempts()
                        ? new Done(new GaveUp(exhausted(tries, unavailable)))
                        : new Later(backoff(tries, budget));
            }
        };
    }

    private Waiting backoff(Tries tries, JobBudget budget) {
        Instant until =
                clock.instant().plus(retries.wait(tries.inARow(), RandomGenerator.getDefault()));
        return new Waiting(
                Waiting.Reason.BACKOFF,
                until.isAfter(budget.deadline()) ? budget.deadline() : until);
    }

    private void await(Waiting waiting, JobBudget budget) throws InterruptedException {
        Instant from = clock.instant();
        budget.journal().rest();
        pause.until(waiting.until());
        observer.waited(
                deployments.getFirst().deployment().model(),
                waiting.reason().name(),
                Duration.between(from, clock.instant()));
        budget.journal().resume();
    }

    private static Failure exhausted(Tries tries, ModelReply.Unavailable last) {
        return new Failure.RetriesExhausted(
                tries.counted()
                        + " tries failed while others were answered, the last with: "
                        + last.message());
    }

    private static Failure unpriced(DeploymentGuard guard) {
        return new Failure.UnpricedModel(
                "the reservation has no price of " + guard.deployment().modelId());
    }

    private static Failure exhausted(Cost worst, JobBudget budget) {
        return new Failure.CapExhausted(
                "another call may cost "
                        + worst
                        + " USD, left of the cap are "
                        + budget.remainder());
    }
}
