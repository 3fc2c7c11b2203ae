package dev.sluice.analysis.guard;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.Call.Purpose;
import dev.sluice.analysis.call.Call.Status;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ReplyFacts;
import dev.sluice.analysis.model.ServiceTier;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.TokenUsage;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recorder of calls: it books the cost of each call and reports it to the observer. A call without
 * reported usage is booked at its worst-case cost, as unconfirmed.
 */
final class CallRecorder {
    private static final Logger log = LoggerFactory.getLogger(CallRecorder.class);

    /** Reply of a call that was sent and whose answer was lost. */
    static final ModelReply LOST =
            ModelReply.Unavailable.answerLost(OptionalInt.empty(), "no answer", Optional.empty());

    /** Reported regions that have no separate price. */
    private static final Set<String> WITHOUT_OWN_PRICE = Set.of("", "global", "not_available");

    private final CallObserver observer;

    /** Missing prices, each logged once. */
    private final Set<String> unpriced = ConcurrentHashMap.newKeySet();

    CallRecorder(CallObserver observer) {
        this.observer = observer;
    }

    /**
     * A call that is about to be made, with its price.
     *
     * @param startedAt when the call was cleared, by the wall clock
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

    /** The call as it is booked if its result is never known. */
    Call ifLost(Planned planned) {
        return call(planned, CallResult.of(LOST), Optional.of(planned.price()));
    }

    /** Books a call whose answer was lost. */
    void recordLost(Planned planned, JobBudget budget) {
        record(planned, CallResult.of(LOST), budget);
    }

    void record(Planned planned, CallResult result, JobBudget budget) {
        Call call = call(planned, result, price(planned, result.facts(), budget));
        budget.book(call);
        budget.journal().ended(call);
        observer.called(planned.request().analysis(), call);
    }

    /**
     * Price of the tier and region that served the call. Each may have a price other than that of
     * the requested tier; empty if the price is not known.
     */
    private Optional<ModelPrice> price(Planned planned, ReplyFacts facts, JobBudget budget) {
        Deployment deployment = planned.permit().deployment();
        String modelId = deployment.modelId();
        String requested = deployment.endpoint().serviceTier().map(ServiceTier::name).orElse("");
        String served = facts.serviceTier();
        boolean isRequestedTier =
                (served.isEmpty() && !isCheaper(planned, budget))
                        || served.equals(requested)
                        || (ServiceTier.isStandard(served) && ServiceTier.isStandard(requested));
        boolean regionHasNoPrice = WITHOUT_OWN_PRICE.contains(facts.region());
        if (isRequestedTier && regionHasNoPrice) {
            return Optional.of(planned.price());
        }
        String tier = isRequestedTier ? deployment.priceId() : modelId;
        tier += isRequestedTier || ServiceTier.isStandard(served) ? "" : "/" + served;
        String priceId = regionHasNoPrice ? tier : tier + "/" + facts.region();
        Optional<ModelPrice> price = budget.price(priceId);
        if (price.isEmpty() && unpriced.add(priceId)) {
            log.atWarn()
                    .addKeyValue("deployment", deployment.id())
                    .addKeyValue("price", priceId)
                    .log(
                            "calls are served at a tier or region without a price:"
                                    + " booked as unconfirmed");
        }
        return price;
    }

    /**
     * Whether the requested tier costs less than the standard one. A gateway may have dropped the
     * request for the tier.
     */
    private static boolean isCheaper(Planned planned, JobBudget budget) {
        Deployment deployment = planned.permit().deployment();
        return !deployment.priceId().equals(deployment.modelId())
                && budget.price(deployment.modelId())
                        .filter(standard ->
                                standard.input().compareTo(planned.price().input()) <= 0)
                        .isEmpty();
    }

    private Call call(Planned planned, CallResult result, Optional<ModelPrice> price) {
        Optional<TokenUsage> usage = usage(result.reply());
        Optional<Cost> cost = usage.flatMap(counted -> cost(counted, price));
        Call.Ending ending = ending(result.reply());
        return new Call(
                planned.id(),
                planned.attempt(),
                planned.purpose(),
                planned.permit().deployment(),
                cost.isPresent() ? ending : ending.unconfirmed(),
                result.facts(),
                usage.orElse(TokenUsage.NONE),
                cost.orElseGet(planned::worstCost),
                planned.startedAt(),
                planned.permit().age());
    }

    private static Optional<Cost> cost(TokenUsage usage, Optional<ModelPrice> price) {
        return usage.equals(TokenUsage.NONE)
                ? Optional.of(Cost.ZERO)
                : price.map(known -> known.cost(usage));
    }

    /** Usage that the provider counted; empty if it counted but did not report it. */
    private static Optional<TokenUsage> usage(ModelReply reply) {
        return switch (reply) {
            case ModelReply.Answered answered -> answered.usage();
            case ModelReply.Refused refused -> refused.usage();
            case ModelReply.Unavailable unavailable -> unavailable.usage();
            case ModelReply.Throttled _, ModelReply.Blocked _, ModelReply.Rejected _ ->
                    Optional.of(TokenUsage.NONE);
        };
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
            case ModelReply.Blocked blocked ->
                    ended(Status.BLOCKED, OptionalInt.of(blocked.httpStatus()));
            case ModelReply.Rejected rejected ->
                    ended(Status.REJECTED, OptionalInt.of(rejected.httpStatus()));
            case ModelReply.Unavailable unavailable ->
                    ended(Status.UNAVAILABLE, unavailable.httpStatus());
        };
    }

    private static Call.Ending ended(Status status, OptionalInt httpStatus) {
        return new Call.Ending(status, httpStatus, Optional.empty(), Optional.empty());
    }
}
