package dev.sluice.analysis.guard;

import dev.sluice.analysis.Call;
import dev.sluice.analysis.Call.Purpose;
import dev.sluice.analysis.Call.Status;
import dev.sluice.analysis.CallObserver;
import dev.sluice.analysis.Failure;
import dev.sluice.analysis.guard.Clearance.Cleared;
import dev.sluice.analysis.guard.Clearance.Denied;
import dev.sluice.analysis.guard.Clearance.Waiting;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.TokenUsage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model behind its guards: asks when deadline, cap, quota and breaker allow it, and again while
 * that can help. Every call is booked, logged with its tokens, and reported. Safe for use by many
 * threads.
 */
public final class GuardedModel {
    private static final Logger log = LoggerFactory.getLogger(GuardedModel.class);

    private final List<DeploymentGuard> deployments;
    private final RetryPolicy retries;
    private final InstantSource clock;
    private final Pause pause;
    private final CallObserver observer;

    /** What came of asking, with all tries. */
    public sealed interface Outcome {}

    /** The model answered. */
    public record Replied(ModelReply.Answered answer) implements Outcome {}

    /** The model declined to answer. */
    public record Declined(ModelReply.Refused refusal) implements Outcome {}

    /** It did not, and asking again will not help. */
    public record GaveUp(Failure failure) implements Outcome {}

    /**
     * @param deployments where the model can be called, the preferred one first
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
    }

    /** Asks, waits and asks again until there is something to judge or nothing more to try. */
    public Outcome ask(String analysis, ModelRequest request, Purpose purpose, JobBudget budget)
            throws InterruptedException {
        int failures = 0;
        int tries = 0;
        Map<String, Long> answersAtLastTry = new HashMap<>();
        while (true) {
            switch (clear(request, budget)) {
                case Denied(var failure) -> {
                    return new GaveUp(failure);
                }
                case Waiting waiting -> await(waiting);
                case Cleared(var permit) -> {
                    String deployment = permit.deployment().name();
                    long answers = permit.answersSoFar();
                    ModelReply reply = call(analysis, request, purpose, budget, permit);
                    switch (reply) {
                        case ModelReply.Answered answered -> {
                            return new Replied(answered);
                        }
                        case ModelReply.Refused refused -> {
                            return new Declined(refused);
                        }
                        case ModelReply.Rejected rejected -> {
                            return new GaveUp(new Failure.RejectedByProvider(rejected.message()));
                        }
                        case ModelReply.Throttled throttled -> {
                            tries++;
                            // "Retry after 0 s" is no pause: without one of ours it would spin.
                            if (throttled.retryAfter().filter(Duration::isPositive).isEmpty()) {
                                await(backoff(tries));
                            }
                        }
                        case ModelReply.Unavailable unavailable -> {
                            // Counts only if the deployment answered others since the last try:
                            // otherwise the failure is the provider's, and the job waits.
                            if (answers > answersAtLastTry.getOrDefault(deployment, -1L)) {
                                failures++;
                            }
                            if (failures >= retries.attempts()) {
                                return new GaveUp(
                                        new Failure.RetriesExhausted(
                                                failures
                                                        + " tries failed while others were"
                                                        + " answered, the last with: "
                                                        + unavailable.message()));
                            }
                            tries++;
                            await(backoff(tries));
                        }
                    }
                    answersAtLastTry.put(deployment, answers);
                }
            }
        }
    }

    /** The first deployment that clears the call, or the shortest wait. */
    private Clearance clear(ModelRequest request, JobBudget budget) {
        Instant now = clock.instant();
        if (!now.isBefore(budget.deadline())) {
            return new Denied(
                    new Failure.DeadlineExceeded("the deadline was " + budget.deadline()));
        }
        Optional<Waiting> shortest = Optional.empty();
        for (DeploymentGuard guard : deployments) {
            Cost worst = worstCost(guard.deployment(), request, budget);
            if (!budget.covers(worst)) {
                return new Denied(
                        new Failure.CapExhausted(
                                "another call may cost "
                                        + worst
                                        + " USD, left of the cap are "
                                        + budget.remainder()));
            }
            switch (guard.clear()) {
                case Cleared cleared -> {
                    return cleared;
                }
                case Denied denied -> {
                    return denied;
                }
                case Waiting waiting -> {
                    if (shortest.isEmpty()
                            || waiting.until().isBefore(shortest.orElseThrow().until())) {
                        shortest = Optional.of(waiting);
                    }
                }
            }
        }
        Waiting waiting = shortest.orElseThrow();
        boolean beyondDeadline = waiting.until().isAfter(budget.deadline());
        return beyondDeadline ? new Waiting(waiting.reason(), budget.deadline()) : waiting;
    }

    private ModelReply call(
            String analysis,
            ModelRequest request,
            Purpose purpose,
            JobBudget budget,
            DeploymentGuard.Permit permit)
            throws InterruptedException {
        ModelReply reply;
        try {
            reply = permit.model().ask(request);
        } catch (InterruptedException | RuntimeException e) {
            permit.giveBack();
            throw e;
        }
        permit.release(reply);
        Call call = booked(reply, request, purpose, budget, permit);
        budget.book(call);
        observer.called(analysis, call);
        log.atInfo()
                .addKeyValue("requestId", budget.taskId())
                .addKeyValue("analysis", analysis)
                .addKeyValue("model", permit.deployment().model())
                .addKeyValue("attempt", call.attempt())
                .addKeyValue("status", call.ending().status())
                .addKeyValue("inputTokens", call.usage().input())
                .addKeyValue("outputTokens", call.usage().output())
                .addKeyValue("costUsd", call.cost())
                .addKeyValue("millis", call.duration().toMillis())
                .log("model called");
        return reply;
    }

    private Call booked(
            ModelReply reply,
            ModelRequest request,
            Purpose purpose,
            JobBudget budget,
            DeploymentGuard.Permit permit) {
        TokenUsage usage =
                switch (reply) {
                    case ModelReply.Answered answered -> answered.usage();
                    case ModelReply.Refused refused -> refused.usage();
                    case ModelReply.Throttled _, ModelReply.Unavailable _, ModelReply.Rejected _ ->
                            TokenUsage.NONE;
                };
        Call.Ending ending = ending(reply);
        Cost cost =
                ending.status() == Status.UNCONFIRMED
                        ? worstCost(permit.deployment(), request, budget)
                        : price(permit.deployment(), budget).cost(usage);
        return new Call(
                UUID.randomUUID(),
                budget.nextAttempt(),
                purpose,
                permit.deployment(),
                ending,
                usage,
                cost,
                permit.startedAt(),
                Duration.between(permit.startedAt(), clock.instant()));
    }

    private static Call.Ending ending(ModelReply reply) {
        return switch (reply) {
            case ModelReply.Answered answered ->
                    new Call.Ending(
                            Status.ANSWERED,
                            OptionalInt.of(200),
                            Optional.of(answered.finish().name()),
                            Optional.of(answered.responseId()));
            case ModelReply.Refused refused ->
                    new Call.Ending(
                            Status.REFUSED,
                            OptionalInt.of(200),
                            Optional.empty(),
                            Optional.of(refused.responseId()));
            case ModelReply.Throttled throttled ->
                    ended(Status.THROTTLED, OptionalInt.of(throttled.httpStatus()));
            case ModelReply.Rejected rejected ->
                    ended(Status.REJECTED, OptionalInt.of(rejected.httpStatus()));
            case ModelReply.Unavailable unavailable ->
                    ended(
                            unavailable.answerLost() ? Status.UNCONFIRMED : Status.UNAVAILABLE,
                            unavailable.httpStatus());
        };
    }

    private static Call.Ending ended(Status status, OptionalInt httpStatus) {
        return new Call.Ending(status, httpStatus, Optional.empty(), Optional.empty());
    }

    private static Cost worstCost(Deployment deployment, ModelRequest request, JobBudget budget) {
        return price(deployment, budget)
                .worstCost(request.maxInputTokens(), request.maxOutputTokens());
    }

    private static ModelPrice price(Deployment deployment, JobBudget budget) {
        return budget.price(deployment.modelId())
                .orElseThrow(() ->
                        new IllegalStateException(
                                "the reservation has no price for " + deployment.modelId()));
    }

    private Waiting backoff(int tries) {
        return new Waiting(
                Waiting.Reason.BACKOFF,
                clock.instant().plus(retries.wait(tries, RandomGenerator.getDefault())));
    }

    private void await(Waiting waiting) throws InterruptedException {
        Instant from = clock.instant();
        pause.until(waiting.until());
        observer.waited(
                deployments.getFirst().deployment().model(),
                waiting.reason().name(),
                Duration.between(from, clock.instant()));
    }
}
