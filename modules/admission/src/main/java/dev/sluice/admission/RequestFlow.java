package dev.sluice.admission;

import dev.sluice.admission.WaitingRequests.Line;
import dev.sluice.admission.WaitingRequests.Waiting;
import dev.sluice.admission.ledger.Answer;
import dev.sluice.admission.ledger.Budgets;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.contract.Reason;
import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What becomes of requests on the task that keeps their users' books: each is taken once, reserves
 * its cost, waits for money, or is refused. Whatever can fail for want of the registry comes before
 * anything is booked. Not safe for use by several threads.
 */
final class RequestFlow {
    private final Gatekeeper gatekeeper;
    private final JobWriter jobs;
    private final Refusals refusals;
    private final Budgets budgets;
    private final int maxWaiting;
    private final Ledger ledger;
    private final SeenRequests seen;
    private final WaitingRequests waiting;
    private final Home home;
    private final Exits exits;
    private final SluiceMetrics metrics;
    private final InstantSource clock;

    /** Users whose first request in line may go now. */
    private final Set<String> due = new LinkedHashSet<>();

    private LocalDate today;

    /** Where decisions go. */
    interface Exits {
        void publish(Decision decision);

        /** To the task that keeps the user's books. */
        void bringHome(String user, SourceRecord source);
    }

    /** Whose books this task keeps. */
    interface Home {
        boolean keeps(String user);
    }

    /**
     * How requests are judged and written down.
     *
     * @param maxWaiting how many requests of one user may wait
     */
    record Rules(
            Gatekeeper gatekeeper,
            JobWriter jobs,
            Refusals refusals,
            Budgets budgets,
            int maxWaiting) {}

    /** What is on record. */
    record Books(Ledger ledger, SeenRequests seen, WaitingRequests waiting) {}

    RequestFlow(
            Rules rules,
            Books books,
            Home home,
            Exits exits,
            SluiceMetrics metrics,
            InstantSource clock) {
        this.gatekeeper = rules.gatekeeper();
        this.jobs = rules.jobs();
        this.refusals = rules.refusals();
        this.budgets = rules.budgets();
        this.maxWaiting = rules.maxWaiting();
        this.ledger = books.ledger();
        this.seen = books.seen();
        this.waiting = books.waiting();
        this.home = home;
        this.exits = exits;
        this.metrics = metrics;
        this.clock = clock;
        this.today = budgets.day(clock.instant());
        due.addAll(waiting.users());
    }

    /**
     * Takes a record of the requests topic.
     *
     * @param brought whether another task has brought it here
     */
    void take(SourceRecord source, boolean brought) {
        take(source, gatekeeper.check(source), brought);
    }

    /** Takes a record whose schema the registry does not know, after asking often enough. */
    void takeUndecodable(SourceRecord source, String message) {
        take(source, gatekeeper.undecodable(source, message), true);
    }

    private void take(SourceRecord source, Gatekeeper.Checked checked, boolean brought) {
        Optional<Identity> identity = identity(checked);
        if (identity.isPresent() && !brought && !home.keeps(identity.get().user())) {
            exits.bringHome(identity.get().user(), source);
            return;
        }
        Instant now = clock.instant();
        if (identity.isPresent() && seen.contains(identity.get(), now)) {
            metrics.count(Metric.DUPLICATES);
            return;
        }
        switch (checked) {
            case Gatekeeper.Sound(var request) -> admit(request);
            case Gatekeeper.Unsound(_, var refusal) -> exits.publish(refusal);
        }
        identity.ifPresent(known -> seen.add(known, now));
    }

    private static Optional<Identity> identity(Gatekeeper.Checked checked) {
        return switch (checked) {
            case Gatekeeper.Sound(var request) ->
                    Optional.of(Identity.of(request.request(), request.generation()));
            case Gatekeeper.Unsound(var identity, _) -> identity;
        };
    }

    private void admit(SoundRequest request) {
        switch (ledger.ask(request.user(), request.day(), request.need())) {
            case Answer.Granted granted -> {
                // Those who came before go first.
                if (othersWait(request.user())) {
                    await(request, Line.IMPATIENT);
                } else {
                    reserve(request, granted);
                }
            }
            case Answer.InTheWay() -> await(request, Line.IMPATIENT);
            case Answer.Exhausted exhausted -> {
                if (mayWait(request)) {
                    await(request, Line.PATIENT);
                } else {
                    exits.publish(overBudget(request, exhausted));
                }
            }
        }
    }

    /** There is no use in waiting for a day whose whole budget is too small. */
    private boolean mayWait(SoundRequest request) {
        return request.isPatient()
                && request.need().oneCall().compareTo(budgets.of(request.user())) <= 0;
    }

    private boolean othersWait(String user) {
        return ledger.account(user).waiting() > 0
                && waiting.first(user, Line.IMPATIENT).isPresent();
    }

    private void reserve(SoundRequest request, Answer.Granted granted) {
        Decision job = jobs.job(request, granted.cap());
        ledger.reserve(request.user(), request.day(), request.reservationId(), granted.cap());
        exits.publish(job);
    }

    private void await(SoundRequest request, Line line) {
        String user = request.user();
        int already = ledger.account(user).waiting();
        if (already >= maxWaiting) {
            exits.publish(
                    refused(
                            request,
                            already
                                    + " requests of the user wait for money already; publish them"
                                    + " more slowly or raise the budget"));
            return;
        }
        waiting.add(user, line, ledger.join(user), request.deadline(), request.source());
    }

    private Decision.Refused overBudget(SoundRequest request, Answer.Exhausted exhausted) {
        return refused(
                request,
                "the budget of "
                        + request.day()
                        + " is used up: a call may cost "
                        + request.need().oneCall()
                        + " USD, "
                        + exhausted.left()
                        + " of "
                        + budgets.of(request.user())
                        + " are left");
    }

    private Decision.Refused refused(SoundRequest request, String message) {
        return refusals.refused(
                request.source(),
                request.request(),
                request.generation(),
                Reason.BUDGET_EXCEEDED,
                message,
                Optional.of(budgets.endOf(request.day())));
    }

    /** Something was settled for the user: there may be money for who waits. */
    void freed(String user) {
        if (ledger.account(user).waiting() > 0) {
            due.add(user);
        }
    }

    /** Lets go at most so many requests that waited, of each user in turn. */
    void release(int count) {
        LocalDate day = budgets.day(clock.instant());
        if (!day.equals(today)) {
            today = day;
            due.addAll(waiting.users());
        }
        for (int released = 0; released < count && !due.isEmpty(); released++) {
            String user = due.iterator().next();
            boolean more;
            try {
                more = releaseNext(user);
            } catch (UnknownSchemaException e) {
                // Others go first next time.
                due.remove(user);
                due.add(user);
                throw e;
            }
            due.remove(user);
            if (more) {
                due.add(user);
            }
        }
    }

    /** False if nobody of the user's can go now. */
    private boolean releaseNext(String user) {
        Optional<Waiting> impatient = waiting.first(user, Line.IMPATIENT);
        if (impatient.isPresent()) {
            return release(impatient.get(), Line.IMPATIENT);
        }
        Optional<Waiting> patient = waiting.first(user, Line.PATIENT);
        return patient.isPresent() && release(patient.get(), Line.PATIENT);
    }

    private boolean release(Waiting first, Line line) {
        switch (gatekeeper.check(first.source())) {
            case Gatekeeper.Unsound(_, var refusal) -> exits.publish(refusal);
            case Gatekeeper.Sound(var request) -> {
                switch (ledger.ask(request.user(), request.day(), request.need())) {
                    case Answer.Granted granted -> reserve(request, granted);
                    case Answer.InTheWay() -> {
                        return false;
                    }
                    case Answer.Exhausted exhausted -> {
                        if (line == Line.PATIENT && mayWait(request)) {
                            return false;
                        }
                        if (mayWait(request)) {
                            waiting.add(
                                    request.user(),
                                    Line.PATIENT,
                                    ledger.join(request.user()),
                                    request.deadline(),
                                    request.source());
                        } else {
                            exits.publish(overBudget(request, exhausted));
                        }
                    }
                }
            }
        }
        leave(first);
        return true;
    }

    /** Ends what waited past its deadline, and forgets what is too old: some at a time. */
    void sweep(int entries) {
        Instant now = clock.instant();
        waiting.expired(
                now,
                entries,
                expired -> {
                    if (gatekeeper.check(expired.source())
                            instanceof Gatekeeper.Unsound(_, var refusal)) {
                        exits.publish(refusal);
                        leave(expired);
                        freed(expired.user());
                    }
                });
        seen.forget(now, entries);
        ledger.forget(budgets.day(now), entries);
    }

    private void leave(Waiting gone) {
        waiting.remove(gone);
        ledger.leave(gone.user());
    }
}
