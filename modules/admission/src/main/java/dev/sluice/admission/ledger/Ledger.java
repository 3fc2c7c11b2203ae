package dev.sluice.admission.ledger;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Rates;
import dev.sluice.analysis.price.Cost;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Optional;

/**
 * The ledger of all users of one task: what each user has spent, lost and reserved. A reservation
 * is settled once, on the day on which it was made. Amounts are in USD. Not safe for use by several
 * threads.
 *
 * <p>Example: a user's daily budget is 10 USD. {@link #reserve} reserves 2 USD, so 8 USD are free.
 * {@link #settlement} and {@link #book} replace the reservation by the cost of 0.60 USD, so 9.40
 * USD are free. A second settlement of the same reservation is empty.
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

    /** The user's budget for every day: the user's own, or the configured one. */
    public Cost daily(String user) {
        return accounts.account(user).own().daily().orElseGet(() -> budgets.of(user));
    }

    /** The user's limit on one day: the daily budget and the additions to that day. */
    public Cost limit(String user, LocalDate day) {
        return daily(user).plus(accounts.account(user).on(day).added()).min(Cost.MOST);
    }

    /** The user's limit of requests per hour: the user's own, or the configured one. */
    public int perHour(String user) {
        return accounts.account(user).own().perHour().orElseGet(() -> rates.of(user));
    }

    /** Replaces the user's own limits. */
    public void change(String user, OwnLimits limits) {
        accounts.put(user, accounts.account(user).with(limits));
    }

    /** Raises the user's limit on one day. */
    public void add(String user, LocalDate day, Cost usd) {
        Account account = accounts.account(user);
        accounts.put(user, account.with(account.on(day).add(usd)));
    }

    /** Decides whether the user's budget has room for a job. Books nothing. */
    public BudgetDecision ask(String user, LocalDate day, CostEstimate need) {
        return accounts.account(user).ask(day, limit(user, day), need);
    }

    /**
     * Books a reservation and records the request as running.
     *
     * @param reservationId identifies the reservation in its settlement
     * @param cap the most that the job may cost
     */
    public void reserve(
            RequestKey request, LocalDate day, String reservationId, Cost cap, String analysis) {
        String user = request.user();
        Account account = accounts.account(user);
        accounts.put(user, account.with(account.on(day).reserve(cap)).withJobs(1));
        requests.open(request, reservationId, day, cap, analysis, clock.instant());
    }

    /**
     * A settlement that is computed but not booked yet.
     *
     * @param reservation empty for a call that was found after its job was settled
     * @param reserved the amount that the reservation held; for a late call, its cost
     * @param book the day's book after the settlement
     */
    public record Settled(
            String user, Optional<OpenReservation> reservation, Cost reserved, DayBook book) {}

    /** Computes the settlement of a reservation; empty if it was settled before. Books nothing. */
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
     * Computes the settlement of a call that was found after its reservation was settled. It is
     * booked on the day of the reservation. Books nothing.
     */
    public Settled late(String user, LocalDate day, Cost spent, Cost unconfirmed) {
        DayBook book = accounts.account(user).on(day).settle(Cost.ZERO, spent, unconfirmed);
        return new Settled(user, Optional.empty(), spent.plus(unconfirmed), book);
    }

    /** Books a settlement, and closes its reservation. */
    public void book(Settled settled) {
        settled.reservation().ifPresent(requests::close);
        Account account = accounts.account(settled.user()).with(settled.book());
        accounts.put(
                settled.user(), settled.reservation().isPresent() ? account.withJobs(-1) : account);
    }

    /** Counts a request towards the user's requests per hour. */
    public void arrived(String user) {
        accounts.put(user, accounts.account(user).arrived(clock.instant()));
    }

    /**
     * Counts one more waiting request of the user.
     *
     * @return the request's ticket, which is unique among this user's waiting requests
     */
    public long join(String user) {
        Account account = accounts.account(user);
        accounts.put(user, account.joined());
        return account.tickets();
    }

    /** Counts one waiting request of the user less. */
    public void leave(String user) {
        accounts.put(user, accounts.account(user).left());
    }

    /**
     * Deletes old days and empty accounts among the next entries; repeated calls reach all of them.
     *
     * @param entries number of accounts to look at
     * @param forgotten called once for each deleted day
     */
    public void forget(int entries, Accounts.Forgotten forgotten) {
        Instant now = clock.instant();
        accounts.forget(budgets.day(now), now, entries, forgotten);
    }

    /** Writes changed accounts to the state store. Call it at the end of each record or timer. */
    public void flush() {
        accounts.flush();
    }
}
