package dev.sluice.admission.ledger;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Rates;
import dev.sluice.analysis.price.Cost;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Optional;

/**
 * The books: what each user has spent, what was lost, and what is reserved. A reservation is
 * settled once, to the day it was made on. Not safe for use by several threads.
 */
public final class Ledger {
    private final Accounts accounts;
    private final Requests requests;
    private final Budgets budgets;
    private final Rates rates;
    private final InstantSource clock;

    public Ledger(
            Accounts accounts,
            Requests requests,
            Budgets budgets,
            Rates rates,
            InstantSource clock) {
        this.accounts = accounts;
        this.requests = requests;
        this.budgets = budgets;
        this.rates = rates;
        this.clock = clock;
    }

    /** A user's account. */
    public Account account(String user) {
        return accounts.account(user);
    }

    /** What a user may spend in any day. */
    public Cost daily(String user) {
        return accounts.account(user).own().daily().orElseGet(() -> budgets.of(user));
    }

    /** What a user may spend in this day, with what was added to it. */
    public Cost limit(String user, LocalDate day) {
        return daily(user).plus(accounts.account(user).on(day).added()).min(Cost.MOST);
    }

    /** How many requests of a user pass in an hour. */
    public int perHour(String user) {
        return accounts.account(user).own().perHour().orElseGet(() -> rates.of(user));
    }

    /** Gives a user limits of her own. */
    public void change(String user, OwnLimits limits) {
        accounts.put(user, accounts.account(user).with(limits));
    }

    /** Adds to what a user may spend in a day. */
    public void add(String user, LocalDate day, Cost usd) {
        Account account = accounts.account(user);
        accounts.put(user, account.with(account.on(day).add(usd)));
    }

    /** Whether there is money for a job; books nothing. */
    public BudgetDecision ask(String user, LocalDate day, CostEstimate need) {
        return accounts.account(user).ask(day, limit(user, day), need);
    }

    /** Books what was granted. */
    public void reserve(
            RequestKey request, LocalDate day, String reservationId, Cost cap, String analysis) {
        String user = request.user();
        Account account = accounts.account(user);
        accounts.put(user, account.with(account.on(day).reserve(cap)).withJobs(1));
        requests.open(request, reservationId, day, cap, analysis, clock.instant());
    }

    /**
     * What a reservation came to, not booked yet.
     *
     * @param reservation empty for a call that came to light late
     * @param reserved what it held
     * @param book its day, with the rest of the reservation free again
     */
    public record Settled(
            String user, Optional<OpenReservation> reservation, Cost reserved, DayBook book) {}

    /** What a reservation came to; empty if it was settled before. Books nothing. */
    public Optional<Settled> settlement(
            RequestKey request, String reservationId, Cost spent, Cost unconfirmed) {
        return requests.reservation(request)
                .filter(reservation -> reservation.id().equals(reservationId))
                .map(reservation ->
                        new Settled(
                                request.user(),
                                Optional.of(reservation),
                                reservation.cap(),
                                accounts.account(request.user())
                                        .on(reservation.day())
                                        .settle(reservation.cap(), spent, unconfirmed)));
    }

    /**
     * A call that came to light after its reservation was settled: it goes to the same day. Books
     * nothing.
     */
    public Settled late(String user, LocalDate day, Cost spent, Cost unconfirmed) {
        DayBook book = accounts.account(user).on(day).settle(Cost.ZERO, spent, unconfirmed);
        return new Settled(user, Optional.empty(), spent.plus(unconfirmed), book);
    }

    /** Books it, and closes its reservation. */
    public void book(Settled settled) {
        settled.reservation().ifPresent(requests::close);
        Account account = accounts.account(settled.user()).with(settled.book());
        accounts.put(
                settled.user(), settled.reservation().isPresent() ? account.withJobs(-1) : account);
    }

    /** A request of the user's came. */
    public void arrived(String user) {
        accounts.put(user, accounts.account(user).arrived(clock.instant()));
    }

    /** A request of the user's waits from now on; its number among them. */
    public long join(String user) {
        Account account = accounts.account(user);
        accounts.put(user, account.joined());
        return account.tickets();
    }

    /** A request that waited does not any more. */
    public void leave(String user) {
        accounts.put(user, accounts.account(user).left());
    }

    /** Forgets days and accounts without anything of late; called again and again, all of them. */
    public void forget(int entries, Accounts.Forgotten forgotten) {
        Instant now = clock.instant();
        accounts.forget(budgets.day(now), now, entries, forgotten);
    }

    /** Writes what has changed; before the end of whatever changed it. */
    public void flush() {
        accounts.flush();
    }
}
