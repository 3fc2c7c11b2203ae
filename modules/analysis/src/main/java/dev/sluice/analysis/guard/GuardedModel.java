package dev.sluice.analysis.guard;

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
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * A model behind its guards: asks when deadline, cap, quota and breaker allow it, and again while
 * that can help. Every call is booked, logged with its tokens, and reported. Safe for use by many
 * threads.
 */
public final class GuardedModel {
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
            switch (clear(inputTokens, request.maxOutputTokens(), budget)) {
                case Denied(var failure) -> {
                    return new GaveUp(failure);
                }
                case Waiting waiting -> await(waiting);
                case Cleared(var permit, var price) -> {
                    Planned planned = new Planned(request, inputTokens, purpose, permit, price);
                    Optional<Outcome> outcome = outcome(call(planned, budget), permit, budget);
                    if (outcome.isPresent()) {
                        return outcome.get();
                    }
                }
            }
        }
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

    private ModelReply call(Planned planned, JobBudget budget) throws InterruptedException {
        DeploymentGuard.Permit permit = planned.permit();
        Optional<ModelReply> reply = Optional.empty();
        try {
            reply = Optional.of(permit.model().ask(planned.request()));
        } catch (RuntimeException e) {
            // A bug, perhaps after the call was sent: it stays in the books.
            reply = Optional.of(lost(e));
            throw e;
        } finally {
            if (reply.isPresent()) {
                permit.release(reply.get());
                recorder.record(planned, reply.get(), budget);
            } else {
                permit.giveBack();
            }
        }
        return reply.get();
    }

    private static ModelReply lost(RuntimeException bug) {
        return new ModelReply.Unavailable(
                OptionalInt.empty(), bug.getClass().getSimpleName(), true, Optional.empty());
    }

    /** What a reply means for the job; nothing where it is to be tried again. */
    private Optional<Outcome> outcome(
            ModelReply reply, DeploymentGuard.Permit permit, JobBudget budget)
            throws InterruptedException {
        Tries tries = budget.tries();
        switch (reply) {
            case ModelReply.Answered answered -> {
                tries.succeeded();
                return Optional.of(new Replied(answered));
            }
            case ModelReply.Refused refused -> {
                return Optional.of(new Declined(refused));
            }
            case ModelReply.Rejected rejected -> {
                return Optional.of(new GaveUp(new Failure.RejectedByProvider(rejected.message())));
            }
            case ModelReply.Throttled throttled -> {
                tries.failed(permit, false);
                // "Retry after 0 s" is no pause: without one of ours it would spin.
                if (!throttled.needsOperator()
                        && throttled.retryAfter().filter(Duration::isPositive).isEmpty()) {
                    await(backoff(tries, budget));
                }
            }
            case ModelReply.Unavailable unavailable -> {
                tries.failed(permit, true);
                if (tries.counted() >= retries.attempts()) {
                    return Optional.of(
                            new GaveUp(
                                    new Failure.RetriesExhausted(
                                            tries.counted()
                                                    + " tries failed while others were answered,"
                                                    + " the last with: "
                                                    + unavailable.message())));
                }
                await(backoff(tries, budget));
            }
        }
        return Optional.empty();
    }

    private Waiting backoff(Tries tries, JobBudget budget) {
        Instant until =
                clock.instant().plus(retries.wait(tries.inARow(), RandomGenerator.getDefault()));
        return new Waiting(
                Waiting.Reason.BACKOFF,
                until.isAfter(budget.deadline()) ? budget.deadline() : until);
    }

    private void await(Waiting waiting) throws InterruptedException {
        Instant from = clock.instant();
        pause.until(waiting.until());
        observer.waited(
                deployments.getFirst().deployment().model(),
                waiting.reason().name(),
                Duration.between(from, clock.instant()));
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
