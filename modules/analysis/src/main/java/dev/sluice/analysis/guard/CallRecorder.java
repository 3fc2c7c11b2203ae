package dev.sluice.analysis.guard;

import dev.sluice.analysis.Call;
import dev.sluice.analysis.Call.Purpose;
import dev.sluice.analysis.Call.Status;
import dev.sluice.analysis.CallObserver;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.TokenUsage;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books every call with what it cost, logs it with its tokens, and reports it. A call whose usage
 * nobody told is booked at its worst case, as unconfirmed.
 */
final class CallRecorder {
    private static final Logger log = LoggerFactory.getLogger(CallRecorder.class);

    /** Sent, and its answer was lost with whoever waited for it. */
    static final ModelReply LOST =
            new ModelReply.Unavailable(OptionalInt.empty(), "no answer", true, Optional.empty());

    private final CallObserver observer;

    CallRecorder(CallObserver observer) {
        this.observer = observer;
    }

    /**
     * A call about to be made, and the price it is made at.
     *
     * @param startedAt when it was cleared, by the clock on the wall
     */
    record Planned(
            UUID id,
            int attempt,
            ModelRequest request,
            long maxInputTokens,
            Purpose purpose,
            Instant startedAt,
            DeploymentGuard.Permit permit,
            ModelPrice price) {

        Planned with(DeploymentGuard.Permit newPermit, Instant now) {
            return new Planned(
                    id, attempt, request, maxInputTokens, purpose, now, newPermit, price);
        }

        Cost worstCost() {
            return price.worstCost(maxInputTokens, request.maxOutputTokens());
        }
    }

    /** The call as it is booked if nobody ever learns how it ended. */
    Call ifLost(Planned planned) {
        return call(planned, LOST);
    }

    void record(Planned planned, ModelReply reply, JobBudget budget) {
        Call call = call(planned, reply);
        budget.book(call);
        budget.journal().ended(call);
        observer.called(planned.request().analysis(), call);
        log.atInfo()
                .addKeyValue("requestId", budget.taskId())
                .addKeyValue("analysis", planned.request().analysis())
                .addKeyValue("model", call.deployment().model())
                .addKeyValue("deployment", call.deployment().name())
                .addKeyValue("attempt", call.attempt())
                .addKeyValue("status", call.ending().status())
                .addKeyValue("inputTokens", call.usage().input())
                .addKeyValue("outputTokens", call.usage().output())
                .addKeyValue("costUsd", call.cost())
                .addKeyValue("millis", call.duration().toMillis())
                .log("model called");
    }

    private Call call(Planned planned, ModelReply reply) {
        Optional<TokenUsage> usage = usage(reply);
        return new Call(
                planned.id(),
                planned.attempt(),
                planned.purpose(),
                planned.permit().deployment(),
                ending(reply),
                usage.orElse(TokenUsage.NONE),
                usage.map(planned.price()::cost).orElseGet(planned::worstCost),
                planned.startedAt(),
                planned.permit().age());
    }

    /** What the provider counted; nothing where it counted and did not say. */
    private static Optional<TokenUsage> usage(ModelReply reply) {
        return switch (reply) {
            case ModelReply.Answered answered -> answered.usage();
            case ModelReply.Refused refused -> refused.usage();
            case ModelReply.Unavailable unavailable ->
                    unavailable.answerLost() ? Optional.empty() : Optional.of(TokenUsage.NONE);
            case ModelReply.Throttled _, ModelReply.Rejected _ -> Optional.of(TokenUsage.NONE);
        };
    }

    private static Call.Ending ending(ModelReply reply) {
        return switch (reply) {
            case ModelReply.Answered answered ->
                    new Call.Ending(
                            answered.usage().isPresent() ? Status.ANSWERED : Status.UNCONFIRMED,
                            OptionalInt.of(200),
                            Optional.of(answered.finish().name()),
                            Optional.of(answered.responseId()));
            case ModelReply.Refused refused ->
                    new Call.Ending(
                            refused.usage().isPresent() ? Status.REFUSED : Status.UNCONFIRMED,
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
}
