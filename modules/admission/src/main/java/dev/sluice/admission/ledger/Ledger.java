package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.time.LocalDate;
import java.util.Optional;

/**
 * The books: what each user has spent, what was lost, and what is reserved. A reservation is
 * settled once, to the day it was made on. Not safe for use by several threads.
 */
public final class Ledger {
    private final LedgerStore store;
    private final Budgets budgets;

    public Ledger(LedgerStore store, Budgets budgets) {
        this.store = store;
        this.budgets = budgets;
    }

    /** A user's account. */
    public Account account(String user) {
        return store.account(user);
    }

    /** Whether there is money for a job; books nothing. */
    public Answer ask(String user, LocalDate day, Need need) {
        return store.account(user).ask(day, budgets.of(user), need);
    }

    /** Books what was granted. */
    public void reserve(String user, LocalDate day, String reservationId, Cost cap) {
        Account account = store.account(user);
        store.put(user, account.with(account.on(day).reserve(cap)));
        store.open(user, reservationId, new OpenReservation(day, cap));
    }

    /**
     * What a reservation came to, not booked yet.
     *
     * @param reserved what it held
     * @param book its day, with the rest of the reservation free again
     */
    public record Settled(
            String user, Optional<String> reservationId, Cost reserved, DayBook book) {}

    /** What a reservation came to; empty if it was settled before. Books nothing. */
    public Optional<Settled> settlement(
            String user, String reservationId, Cost spent, Cost unconfirmed) {
        return store.reservation(user, reservationId)
                .map(reservation ->
                        new Settled(
                                user,
                                Optional.of(reservationId),
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
        return new Settled(user, Optional.empty(), spent.plus(unconfirmed), book);
    }

    /** Books it, and closes its reservation. */
    public void book(Settled settled) {
        settled.reservationId().ifPresent(id -> store.close(settled.user(), id));
        store.put(settled.user(), store.account(settled.user()).with(settled.book()));
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

    /** Forgets some accounts without anything of late; called again and again, all of them. */
    public void forget(LocalDate today, int entries) {
        store.forget(today, entries);
    }
}
