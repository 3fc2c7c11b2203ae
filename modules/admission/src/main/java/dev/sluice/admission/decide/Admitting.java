package dev.sluice.admission.decide;

import dev.sluice.admission.ceiling.Fit;
import dev.sluice.admission.ceiling.Totals;
import dev.sluice.admission.check.Decision;
import dev.sluice.admission.check.Gatekeeper;
import dev.sluice.admission.check.Refusals;
import dev.sluice.admission.check.SoundRequest;
import dev.sluice.admission.decide.WaitingRequests.Line;
import dev.sluice.admission.ledger.Account;
import dev.sluice.admission.ledger.Answer;
import dev.sluice.admission.ledger.Identity;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.ledger.Requests;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.admission.sharing.Shared;
import dev.sluice.admission.sharing.SharedOutcomes;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Lane;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What becomes of one sound request now: an answer that is there already, a place behind one who
 * asks the same, a job, a place in a line, or a refusal. Whatever can fail for want of the registry
 * comes before anything is booked.
 */
public final class Admitting {
    /** How soon those are looked at again whom others' reservations are in the way of. */
    private static final Duration CEILING_LOOK = Duration.ofMillis(200);

    private final Rules rules;
    private final Books books;
    private final Consumer<Decision> publish;
    private final InstantSource clock;
    private final Alarms alarms = new Alarms();

    /**
     * How requests are judged and written down.
     *
     * @param maxSharedBytes what kept results may take
     */
    public record Rules(
            Gatekeeper gatekeeper,
            JobWriter jobs,
            Refusals refusals,
            OutcomeCopies copies,
            UserLimits limits,
            long maxSharedBytes) {
        public Budgets budgets() {
            return limits.budgets();
        }
    }

    /** What is on record. */
    public record Books(
            Ledger ledger,
            Totals totals,
            Requests requests,
            WaitingRequests waiting,
            SharedOutcomes shared) {}

    /** What can become of a request that may not go now: it stays where it is, or has left. */
    private enum Ending {
        STAYS,
        DONE
    }

    public Admitting(Rules rules, Books books, Consumer<Decision> publish, InstantSource clock) {
        this.rules = rules;
        this.books = books;
        this.publish = publish;
        this.clock = clock;
    }

    /** When to look again at users whose requests wait for a time. */
    public Alarms alarms() {
        return alarms;
    }

    /** A request that has just come. */
    public void enter(SoundRequest request) {
        Ending _ = enter(request, Optional.empty());
    }

    /**
     * A request that waits is looked at again.
     *
     * @return whether it need not stay where it is
     */
    public boolean again(SoundRequest request, Line line) {
        Ending ending =
                line.equals(Line.PACED)
                        ? enter(request, Optional.of(line))
                        : admit(request, Optional.of(line));
        return ending == Ending.DONE;
    }

    private Ending enter(SoundRequest request, Optional<Line> from) {
        if (!countsTowardsRate(request.identity())) {
            return admit(request, from);
        }
        int perHour = books.ledger().perHour(request.user());
        Account account = books.ledger().account(request.user());
        Optional<Instant> full = account.arrivals().fullUntil(perHour, clock.instant());
        boolean overtakes =
                from.isEmpty() && request.isPaced() && waits(account, request, Line.PACED);
        if (full.isEmpty() && !overtakes) {
            Ending ending = admit(request, from);
            books.ledger().arrived(request.user());
            books.requests().count(request.identity(), clock.instant());
            return ending;
        }
        if (!request.isPaced()) {
            return tooMany(request, perHour, full.orElseThrow());
        }
        alarms.set(request.user(), full.orElse(clock.instant()));
        return await(request, Line.PACED, from);
    }

    /** A redrive of a request that was counted is not. */
    private boolean countsTowardsRate(Identity request) {
        return request.earlier()
                .filter(earlier -> books.requests().isCounted(earlier, clock.instant()))
                .isEmpty();
    }

    private boolean waits(Account account, SoundRequest request, Line line) {
        return account.waiting() > 0 && books.waiting().isAnybodyIn(request.user(), line);
    }

    private Ending admit(SoundRequest request, Optional<Line> from) {
        Optional<Shared> known =
                request.content()
                        .flatMap(key -> books.shared().find(request.user(), key, clock.instant()));
        Account account = books.ledger().account(request.user());
        Lane lane = lane(request, account);
        if (known.isPresent()) {
            switch (known.get()) {
                // A failure answers those who waited for it, and nobody who comes later.
                case Shared.Answered answered when !answered.isResult() && !isBehind(from) ->
                        books.shared().forget(request.user(), request.content().orElseThrow());
                case Shared.Answered answered -> {
                    Optional<Decision> copy = rules.copies().copy(request, answered);
                    if (copy.isPresent()) {
                        publish.accept(copy.get());
                        return Ending.DONE;
                    }
                    books.shared().forget(request.user(), request.content().orElseThrow());
                }
                case Shared.Leading leading -> {
                    if (leading.serves(lane)) {
                        return await(request, Line.behind(request.content().orElseThrow()), from);
                    }
                }
            }
        }
        return switch (books.ledger().ask(request.user(), request.day(), request.need())) {
            case Answer.Granted granted -> {
                // Those who came before go first.
                boolean overtakes =
                        !from.equals(Optional.of(Line.IMPATIENT))
                                && waits(account, request, Line.IMPATIENT);
                yield overtakes
                        ? await(request, Line.IMPATIENT, from)
                        : underCeilings(request, granted.cap(), lane, from);
            }
            case Answer.InTheWay() ->
                    from.equals(Optional.of(Line.PATIENT))
                            ? Ending.STAYS
                            : await(request, Line.IMPATIENT, from);
            case Answer.Exhausted exhausted -> {
                if (mayWait(request)) {
                    yield await(request, Line.PATIENT, from);
                }
                yield overBudget(request, exhausted);
            }
        };
    }

    private static boolean isBehind(Optional<Line> from) {
        return from.filter(Line::isBehind).isPresent();
    }

    /** What all users together may spend comes after what this one may. */
    private Ending underCeilings(
            SoundRequest request, Cost granted, Lane lane, Optional<Line> from) {
        String analysis = request.definition().name();
        return switch (books.totals().fit(analysis, request.day(), request.need(), granted)) {
            case Fit.Fits(var cap) -> reserve(request, cap, lane);
            case Fit.InTheWay() -> {
                // What others settle is not told to this user.
                alarms.set(request.user(), clock.instant().plus(CEILING_LOOK));
                yield await(request, Line.IMPATIENT, from);
            }
            case Fit.Reached(var whose, var setting, var ceiling, var left) -> {
                if (request.need().oneCall().compareTo(ceiling) > 0) {
                    yield tooDear(request, whose, ceiling, "raise " + setting);
                }
                yield request.isPatient()
                        ? await(request, Line.PATIENT, from)
                        : usedUp(request, whose, ceiling, left);
            }
        };
    }

    /** Beyond so many jobs under way a user's further ones must not hold up other users. */
    private Lane lane(SoundRequest request, Account account) {
        return request.request().getPriority() == Priority.BULK
                        || account.underWay() >= rules.limits().maxInteractive()
                ? Lane.BULK
                : Lane.INTERACTIVE;
    }

    /** There is no use in waiting for a day whose whole budget is too small. */
    private boolean mayWait(SoundRequest request) {
        return request.isPatient() && !isDearerThanADay(request);
    }

    private boolean isDearerThanADay(SoundRequest request) {
        return request.need().oneCall().compareTo(books.ledger().daily(request.user())) > 0;
    }

    private Ending reserve(SoundRequest request, Cost cap, Lane lane) {
        Decision job = rules.jobs().job(request, cap, lane);
        String analysis = request.definition().name();
        books.ledger()
                .reserve(request.identity(), request.day(), request.reservationId(), cap, analysis);
        books.totals().reserve(analysis, request.day(), cap);
        for (ContentKey content : request.content().stream().toList()) {
            books.shared()
                    .lead(
                            request.user(),
                            content,
                            new Shared.Leading(
                                    request.reservationId(),
                                    lane,
                                    request.definition().output().cache()),
                            clock.instant());
        }
        publish.accept(job);
        return Ending.DONE;
    }

    private Ending await(SoundRequest request, Line line, Optional<Line> from) {
        if (from.equals(Optional.of(line))) {
            return Ending.STAYS;
        }
        String user = request.user();
        int already = books.ledger().account(user).waiting();
        if (from.isEmpty() && already >= rules.limits().maxWaiting()) {
            return refuse(
                    request,
                    line.equals(Line.PACED) ? Reason.RATE_EXCEEDED : Reason.BUDGET_EXCEEDED,
                    already
                            + " requests of the user wait already; publish them"
                            + " more slowly, or raise the budget or the rate",
                    rules.budgets().endOf(request.day()));
        }
        long ticket = books.ledger().join(user);
        books.waiting().add(request.identity(), line, ticket, request.deadline(), request.source());
        books.requests().await(request.identity(), ticket, clock.instant());
        return Ending.DONE;
    }

    private Ending overBudget(SoundRequest request, Answer.Exhausted exhausted) {
        if (isDearerThanADay(request)) {
            return tooDear(
                    request,
                    "the user's budget",
                    books.ledger().daily(request.user()),
                    "raise it with budgets.daily-usd, budgets.users or sluice budget set");
        }
        Cost limit = books.ledger().limit(request.user(), request.day());
        return usedUp(request, "the budget", limit, exhausted.left());
    }

    private Ending usedUp(SoundRequest request, String whose, Cost limit, Cost left) {
        return refuse(
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

    private Ending tooDear(SoundRequest request, String whose, Cost limit, String fix) {
        publish.accept(
                rules.refusals()
                        .refused(
                                request.source(),
                                request.request(),
                                request.generation(),
                                Reason.BUDGET_EXCEEDED,
                                "it can pass on no day: one call may cost "
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

    private Ending tooMany(SoundRequest request, int perHour, Instant until) {
        return refuse(
                request,
                Reason.RATE_EXCEEDED,
                "the user has sent "
                        + perHour
                        + " requests within an hour, which is all that are allowed;"
                        + " priority BULK waits for its turn",
                until);
    }

    /** It may come again from then on, as it is. */
    private Ending refuse(SoundRequest request, Reason reason, String message, Instant retryAt) {
        publish.accept(rules.refusals().refused(request, reason, message, retryAt));
        books.requests().refuse(request.identity(), retryAt, clock.instant());
        return Ending.DONE;
    }
}
