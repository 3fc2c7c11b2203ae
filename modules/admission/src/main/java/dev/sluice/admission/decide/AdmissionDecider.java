package dev.sluice.admission.decide;

import dev.sluice.admission.canary.TrialBook;
import dev.sluice.admission.canary.TrialShare;
import dev.sluice.admission.canary.Trials;
import dev.sluice.admission.ceiling.CeilingDecision;
import dev.sluice.admission.ceiling.GlobalBudget;
import dev.sluice.admission.decide.WaitQueue.WaitingFor;
import dev.sluice.admission.ledger.Account;
import dev.sluice.admission.ledger.BudgetDecision;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.ledger.Requests;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.admission.sharing.Shared;
import dev.sluice.admission.sharing.SharedOutcomes;
import dev.sluice.admission.validate.Decision;
import dev.sluice.admission.validate.DenialWriter;
import dev.sluice.admission.validate.RequestValidator;
import dev.sluice.admission.validate.ValidRequest;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Decides on one valid request: it gets a shared outcome, waits for the outcome of an identical
 * request, becomes a job, waits in another queue, or is denied. Steps that need the schema registry
 * come before anything is booked, so an outage leaves the ledger unchanged. Not safe for use by
 * several threads.
 */
public final class AdmissionDecider {
    /** Delay until a request that waits for reservations under a ceiling is tried again. */
    private static final Duration CEILING_RETRY = Duration.ofMillis(200);

    private final Rules rules;
    private final TaskState state;
    private final Consumer<Decision> publish;
    private final InstantSource clock;
    private final UserTimers timers = new UserTimers();
    private final CountedRequests countedRequests;

    /**
     * The configured rules and the writers of decisions.
     *
     * @param maxSharedBytes largest size of kept results in one task's state
     */
    public record Rules(
            RequestValidator validator,
            JobWriter jobs,
            DenialWriter denials,
            OutcomeCopies copies,
            UserLimits limits,
            Trials trials,
            long maxSharedBytes) {
        public Budgets budgets() {
            return limits.budgets();
        }
    }

    /** The stored state of one task. */
    public record TaskState(
            Ledger ledger,
            GlobalBudget globalBudget,
            Requests requests,
            WaitQueue waiting,
            SharedOutcomes shared,
            TrialBook trials) {}

    /** The result of a decision for a waiting request: it stays in its queue, or leaves it. */
    private enum Ending {
        STAYS,
        DONE
    }

    public AdmissionDecider(
            Rules rules, TaskState state, Consumer<Decision> publish, InstantSource clock) {
        this.rules = rules;
        this.state = state;
        this.publish = publish;
        this.clock = clock;
        this.countedRequests = new CountedRequests(state, clock);
    }

    /** Times at which users with waiting requests are tried again. */
    public UserTimers timers() {
        return timers;
    }

    /** Decides on a new request. */
    public void enter(ValidRequest request) {
        Ending _ = request.isRejudged() ? rejudge(request) : enter(request, Optional.empty());
    }

    /** Makes a job of a request whose answers are judged again. It makes no call. */
    private Ending rejudge(ValidRequest request) {
        Account account = account(request);
        if (account.underWay() >= rules.limits().maxWaiting()) {
            return deny(
                    request,
                    Reason.RATE_EXCEEDED,
                    account.underWay()
                            + " jobs of the user are under way (admission.max-waiting); redrive"
                            + " more slowly (--rate)",
                    clock.instant());
        }
        return reserve(request, Cost.ZERO, priority(request, account), Optional.empty());
    }

    private Account account(ValidRequest request) {
        return state.ledger().account(request.user());
    }

    /**
     * Decides again on the first request of a queue.
     *
     * @return whether the request leaves the queue
     */
    public boolean retry(ValidRequest request, WaitingFor waitingFor) {
        Ending ending =
                waitingFor.equals(WaitingFor.RATE)
                        ? enter(request, Optional.of(waitingFor))
                        : admit(request, Optional.of(waitingFor));
        return ending == Ending.DONE;
    }

    /**
     * Applies the limit of requests per hour, then decides.
     *
     * @param from the queue in which the request waits; empty for a new request
     */
    private Ending enter(ValidRequest request, Optional<WaitingFor> from) {
        if (!countsTowardsRate(request.identity())) {
            return admit(request, from);
        }
        int perHour = state.ledger().perHour(request.user());
        Account account = account(request);
        Optional<Instant> full = account.arrivals().fullUntil(perHour, clock.instant());
        boolean overtakes =
                from.isEmpty() && request.isPaced() && waits(account, request, WaitingFor.RATE);
        if (full.isEmpty() && !overtakes) {
            Ending ending = admit(request, from);
            state.ledger().arrived(request.user());
            state.requests().count(request.identity(), clock.instant());
            return ending;
        }
        if (!request.isPaced()) {
            return denyForRate(request, perHour, full.orElseThrow());
        }
        timers.set(request.user(), full.orElse(clock.instant()));
        return await(request, WaitingFor.RATE, from);
    }

    /** Whether the request counts towards its user's rate: redrives of a counted request do not. */
    private boolean countsTowardsRate(RequestKey request) {
        return request.earlier()
                .filter(earlier -> state.requests().isCounted(earlier, clock.instant()))
                .isEmpty();
    }

    private boolean waits(Account account, ValidRequest request, WaitingFor waitingFor) {
        return account.waiting() > 0 && state.waiting().hasWaiting(request.user(), waitingFor);
    }

    /** Decides on a request that the limit of requests per hour lets pass. */
    private Ending admit(ValidRequest request, Optional<WaitingFor> from) {
        Optional<Shared> known =
                request.content()
                        .flatMap(key -> state.shared().find(request.user(), key, clock.instant()));
        Account account = account(request);
        Priority priority = priority(request, account);
        if (known.isPresent()) {
            switch (known.get()) {
                // A failure is shared with requests that already wait for it, and with no later
                // ones.
                case Shared.Answered answered when !answered.isResult() && !waitsForOutcome(from) ->
                        state.shared().forget(request.user(), request.content().orElseThrow());
                case Shared.Answered answered -> {
                    Optional<Decision> copy = rules.copies().copy(request, answered);
                    if (copy.isPresent()) {
                        publish.accept(copy.get());
                        return Ending.DONE;
                    }
                    state.shared().forget(request.user(), request.content().orElseThrow());
                }
                case Shared.Leading leading -> {
                    if (leading.serves(priority)) {
                        return await(
                                request,
                                WaitingFor.outcomeOf(request.content().orElseThrow()),
                                from);
                    }
                }
            }
        }
        return switch (state.ledger().ask(request.user(), request.day(), request.need())) {
            case BudgetDecision.Granted granted -> {
                // Earlier requests of the user go first.
                boolean overtakes =
                        !from.equals(Optional.of(WaitingFor.RESERVATIONS))
                                && waits(account, request, WaitingFor.RESERVATIONS);
                yield overtakes
                        ? await(request, WaitingFor.RESERVATIONS, from)
                        : underCeilings(request, granted.cap(), priority, from);
            }
            case BudgetDecision.HeldByReservations() ->
                    from.equals(Optional.of(WaitingFor.NEXT_DAY))
                            ? Ending.STAYS
                            : await(request, WaitingFor.RESERVATIONS, from);
            case BudgetDecision.Exhausted exhausted -> {
                if (mayWait(request)) {
                    yield await(request, WaitingFor.NEXT_DAY, from);
                }
                yield denyOverBudget(request, exhausted);
            }
        };
    }

    private static boolean waitsForOutcome(Optional<WaitingFor> from) {
        return from.filter(WaitingFor::isOutcome).isPresent();
    }

    /** Applies the ceilings, which come after the user's own budget. */
    private Ending underCeilings(
            ValidRequest request, Cost granted, Priority priority, Optional<WaitingFor> from) {
        String analysis = request.definition().name();
        return switch (state.globalBudget().fit(analysis, request.day(), request.need(), granted)) {
            case CeilingDecision.Fits(var cap) -> reserve(request, cap, priority, from);
            case CeilingDecision.HeldByReservations() -> {
                // The settlements of other users do not wake this user's queue, so a timer does.
                timers.set(request.user(), clock.instant().plus(CEILING_RETRY));
                yield await(request, WaitingFor.RESERVATIONS, from);
            }
            case CeilingDecision.Reached(var whose, var setting, var ceiling, var left) -> {
                if (request.need().oneCall().compareTo(ceiling) > 0) {
                    yield denyPermanently(request, whose, ceiling, "raise " + setting);
                }
                yield request.isPatient()
                        ? await(request, WaitingFor.NEXT_DAY, from)
                        : denyUntilNextDay(request, whose, ceiling, left);
            }
        };
    }

    /**
     * The priority of a job. It is bulk if the user has too many running jobs, so that further ones
     * do not hold up other users.
     */
    private Priority priority(ValidRequest request, Account account) {
        return request.request().getPriority() == Priority.BULK
                        || account.underWay() >= rules.limits().maxInteractive()
                ? Priority.BULK
                : Priority.INTERACTIVE;
    }

    /**
     * Whether the request waits for the next day. It does not if one call costs more than a whole
     * day's budget.
     */
    private boolean mayWait(ValidRequest request) {
        return request.isPatient() && !exceedsDailyBudget(request);
    }

    private boolean exceedsDailyBudget(ValidRequest request) {
        return request.need().oneCall().compareTo(state.ledger().daily(request.user())) > 0;
    }

    private Ending reserve(
            ValidRequest request, Cost cap, Priority priority, Optional<WaitingFor> from) {
        Optional<TrialShare> counted = countedRequests.share(request, from);
        long cohort = state.trials().cohort();
        Decision job =
                rules.jobs().job(request, cap, priority, counted.map(share -> share.inJob(cohort)));
        String analysis = request.definition().name();
        state.ledger()
                .reserve(request.identity(), request.day(), request.reservationId(), cap, analysis);
        state.globalBudget().reserve(analysis, request.day(), cap);
        for (ContentKey content : request.content().stream().toList()) {
            state.shared()
                    .lead(
                            request.user(),
                            content,
                            new Shared.Leading(
                                    request.reservationId(),
                                    priority,
                                    request.definition().output().cache()),
                            clock.instant());
        }
        counted.ifPresent(share -> state.trials().admitted(share, cohort));
        publish.accept(job);
        return Ending.DONE;
    }

    /** Adds a request to a queue; it stays where it is if it waits there already. */
    private Ending await(ValidRequest request, WaitingFor waitingFor, Optional<WaitingFor> from) {
        if (from.equals(Optional.of(waitingFor))) {
            return Ending.STAYS;
        }
        String user = request.user();
        int already = state.ledger().account(user).waiting();
        if (from.isEmpty() && already >= rules.limits().maxWaiting()) {
            return deny(
                    request,
                    waitingFor.equals(WaitingFor.RATE)
                            ? Reason.RATE_EXCEEDED
                            : Reason.BUDGET_EXCEEDED,
                    already
                            + " requests of the user already wait (admission.max-waiting); publish"
                            + " more slowly, or raise the budget or the rate",
                    rules.budgets().endOf(request.day()));
        }
        long ticket = state.ledger().join(user);
        state.waiting()
                .add(
                        request.identity(),
                        waitingFor,
                        ticket,
                        request.deadline(),
                        clock.instant(),
                        request.source());
        state.requests().await(request.identity(), ticket, clock.instant());
        return Ending.DONE;
    }

    private Ending denyOverBudget(ValidRequest request, BudgetDecision.Exhausted exhausted) {
        if (exceedsDailyBudget(request)) {
            return denyPermanently(
                    request,
                    "the user's budget",
                    state.ledger().daily(request.user()),
                    "raise it with budgets.daily-usd, budgets.users or sluice budget set");
        }
        Cost limit = state.ledger().limit(request.user(), request.day());
        return denyUntilNextDay(request, "the budget", limit, exhausted.left());
    }

    private Ending denyUntilNextDay(ValidRequest request, String whose, Cost limit, Cost left) {
        return deny(
                request,
                Reason.BUDGET_EXCEEDED,
                whose
                        + " of "
                        + request.day()
                        + " is used up: a call may cost "
                        + request.need().oneCall()
                        + " USD, "
                        + left
                        + " of "
                        + limit
                        + " are left",
                rules.budgets().endOf(request.day()));
    }

    private Ending denyPermanently(ValidRequest request, String whose, Cost limit, String fix) {
        publish.accept(
                rules.denials()
                        .denied(
                                request.source(),
                                request.request(),
                                request.generation(),
                                Reason.BUDGET_EXCEEDED,
                                "it never fits the budget: one call may cost "
                                        + request.need().oneCall()
                                        + " USD, and "
                                        + whose
                                        + " is "
                                        + limit
                                        + " USD a day; "
                                        + fix
                                        + ", or send less content under another requestId"));
        return Ending.DONE;
    }

    private Ending denyForRate(ValidRequest request, int perHour, Instant until) {
        return deny(
                request,
                Reason.RATE_EXCEEDED,
                "the user has sent "
                        + perHour
                        + " requests within an hour, the most that are allowed;"
                        + " with priority BULK a request waits instead",
                until);
    }

    /** Denies a request, which may be sent again unchanged from a time on. */
    private Ending deny(ValidRequest request, Reason reason, String message, Instant retryAt) {
        publish.accept(rules.denials().denied(request, reason, message, retryAt));
        state.requests().deny(request.identity(), retryAt, clock.instant());
        return Ending.DONE;
    }
}
