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
    private final LedgerStore store;
    private final Budgets budgets;
    private final Rates rates;
    private final InstantSource clock;

    public Ledger(LedgerStore store, Budgets budgets, Rates rates, InstantSource clock) {
        this.store = store;
        this.budgets = budgets;
        this.rates = rates;
        this.clock = clock;
    }

    /** A user's account. */
    public Account account(String user) {
        return store.account(user);
    }

    /** What a user may spend in any day. */
    public Cost daily(String user) {
        return store.account(user).own().daily().orElseGet(() -> budgets.of(user));
    }

    /** What a user may spend in this day, with what was added to it. */
    public Cost limit(String user, LocalDate day) {
        return daily(user).plus(store.account(user).on(day).added());
    }

    /** How many requests of a user pass in an hour. */
    public int perHour(String user) {
        return store.account(user).own().perHour().orElseGet(() -> rates.of(user));
    }

    /** Gives a user limits of her own. */
    public void change(String user, OwnLimits limits) {
        store.put(user, store.account(user).with(limits));
    }

    /** Adds to what a user may spend in a day. */
    public void add(String user, LocalDate day, Cost usd) {
        Account account = store.account(user);
        store.put(user, account.with(account.on(day).add(usd)));
    }

    /** Whether there is money for a job; books nothing. */
    public Answer ask(String user, LocalDate day, Need need) {
        return store.account(user).ask(day, limit(user, day), need);
    }

    /** Books what was granted. */
    public void reserve(
            String user, LocalDate day, String reservationId, Cost cap, String analysis) {
        Account account = store.account(user);
        store.put(user, account.with(account.on(day).reserve(cap)).withJobs(1));
        store.open(user, reservationId, new OpenReservation(day, cap, analysis));
    }

    /**
     * What a reservation came to, not booked yet.
     *
     * @param analysis the job's; empty for a call that came to light late
     * @param reserved what it held
     * @param book its day, with the rest of the reservation free again
     */
    public record Settled(
            String user,
            Optional<String> reservationId,
            Optional<String> analysis,
            Cost reserved,
            DayBook book) {}

    /** What a reservation came to; empty if it was settled before. Books nothing. */
    public Optional<Settled> settlement(
            String user, String reservationId, Cost spent, Cost unconfirmed) {
        return store.reservation(user, reservationId)
                .map(reservation ->
                        new Settled(
                                user,
                                Optional.of(reservationId),
                                Optional.of(reservation.analysis()),
                                reservation.cap(),
                                store.account(user)
                                        .on(reservation.day())
                                        .settle(reservation.cap(), spent, unconfirmed)));
    }

    /**
     * A call that came to light after its reservation was settled: it goes to the same day. Books
     * nothing.
     */
    public Settled late(String user, LocalDate day, Cost spent, Cost unconfirmed) {
        DayBook book = store.account(user).on(day).settle(Cost.ZERO, spent, unconfirmed);
        return new Settled(user, Optional.empty(), Optional.empty(), spent.plus(unconfirmed), book);
    }

    /** Books it, and closes its reservation. */
    public void book(Settled settled) {
        settled.reservationId().ifPresent(id -> store.close(settled.user(), id));
        Account account = store.account(settled.user()).with(settled.book());
        store.put(
                settled.user(),
                settled.reservationId().isPresent() ? account.withJobs(-1) : account);
    }

    /** A request of the user's came. */
    public void arrived(String user) {
        store.put(user, store.account(user).arrived(clock.instant()));
    }

    /** A request of the user's waits from now on; its number among them. */
    public long join(String user) {
        Account account = store.account(user);
        store.put(user, account.joined());
        return account.tickets();
    }

    /** A request that waited does not any more. */
    public void leave(String user) {
        store.put(user, store.account(user).left());
    }

    /** Forgets days and accounts without anything of late; called again and again, all of them. */
    public void forget(int entries, LedgerStore.Forgotten forgotten) {
        Instant now = clock.instant();
        store.forget(budgets.day(now), now, entries, forgotten);
    }

    /** Writes what has changed; before the end of whatever changed it. */
    public void flush() {
        store.flush();
    }
}
