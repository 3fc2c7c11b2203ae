package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The account of one user: money by day, counts of jobs and waiting requests, and own limits.
 * Amounts are in USD. Immutable.
 *
 * @param days one {@link DayBook} for each day with bookings, oldest first
 * @param underWay number of jobs that are not settled yet
 * @param waiting number of requests in the user's wait queues
 * @param tickets number of requests that have ever entered a wait queue; the next ticket's number
 * @param arrivals requests of about the last hour, by minute
 * @param own limits that replace the configured ones for this user
 */
public record Account(
        List<DayBook> days,
        int underWay,
        int waiting,
        long tickets,
        Arrivals arrivals,
        OwnLimits own) {
    static final Account EMPTY = new Account(List.of(), 0, 0, 0, Arrivals.NONE, OwnLimits.NONE);

    /**
     * Days for which a closed day book is kept: users read past days, and late calls are booked to
     * them.
     */
    private static final int KEPT_DAYS = 8;

    public Account {
        days = List.copyOf(days);
    }

    /** The book of a day; an empty one if nothing was booked. */
    public DayBook on(LocalDate day) {
        for (DayBook book : days) {
            if (book.day().equals(day)) {
                return book;
            }
        }
        return DayBook.empty(day);
    }

    /**
     * Decides whether the day's limit has room for a job. Books nothing.
     *
     * <p>Example: the limit is 10 USD, of which 6 USD are spent, 0 USD unconfirmed and 3 USD
     * reserved. 1 USD is free. A job whose single call may cost 0.50 USD is granted a cap; one
     * whose call may cost 2 USD waits, because a settlement may free up to 3 USD; one whose call
     * may cost 5 USD is denied, because only 4 USD are not spent.
     *
     * @param limit the day's limit, including additions to that day
     * @param need the worst-case cost of the job
     */
    BudgetDecision ask(LocalDate day, Cost limit, CostEstimate need) {
        DayBook book = on(day);
        Cost left = limit.minus(book.consumed());
        if (left.compareTo(need.oneCall()) < 0) {
            return new BudgetDecision.Exhausted(left);
        }
        Cost free = limit.minus(book.booked());
        if (free.compareTo(need.oneCall()) < 0) {
            return new BudgetDecision.HeldByReservations();
        }
        return new BudgetDecision.Granted(need.cap(free));
    }

    Account with(DayBook changed) {
        List<DayBook> next = new ArrayList<>(days);
        next.removeIf(book -> book.day().equals(changed.day()));
        next.add(changed);
        next.sort(Comparator.comparing(DayBook::day));
        return with(next);
    }

    private Account with(List<DayBook> books) {
        return new Account(books, underWay, waiting, tickets, arrivals, own);
    }

    /** A copy with this change of the number of running jobs; negative for settled jobs. */
    Account withJobs(int more) {
        return new Account(days, underWay + more, waiting, tickets, arrivals, own);
    }

    /** A copy with one more waiting request, and the next ticket number. */
    Account joined() {
        return new Account(days, underWay, waiting + 1, tickets + 1, arrivals, own);
    }

    /** A copy with one waiting request less. */
    Account left() {
        return new Account(days, underWay, waiting - 1, tickets, arrivals, own);
    }

    /** A copy with one more request in the current minute. */
    Account arrived(Instant now) {
        return new Account(days, underWay, waiting, tickets, arrivals.with(now), own);
    }

    Account with(OwnLimits limits) {
        return new Account(days, underWay, waiting, tickets, arrivals, limits);
    }

    /** Closed day books that are older than {@value #KEPT_DAYS} days. */
    List<DayBook> oldDays(LocalDate today) {
        return days.stream().filter(book -> !book.isOpen() && isOld(book, today)).toList();
    }

    Account without(List<DayBook> books) {
        List<DayBook> next = new ArrayList<>(days);
        next.removeAll(books);
        return with(next);
    }

    private static boolean isOld(DayBook book, LocalDate today) {
        return book.day().plusDays(KEPT_DAYS).isBefore(today);
    }

    /**
     * Whether the account can be deleted: no days, waiting requests, own limits or recent requests.
     */
    boolean isObsolete(Instant now) {
        return days.isEmpty()
                && waiting == 0
                && own.equals(OwnLimits.NONE)
                && arrivals.isObsolete(now);
    }
}
