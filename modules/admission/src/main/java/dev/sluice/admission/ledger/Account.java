package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One user's money, by day, and what the user's requests are at.
 *
 * @param days the oldest first
 * @param underWay jobs that are not settled yet
 * @param waiting requests that wait
 * @param tickets how many have waited so far; numbers go by this
 * @param arrivals when requests came of late
 * @param own limits that are the user's alone
 */
public record Account(
        List<DayBook> days,
        int underWay,
        int waiting,
        long tickets,
        Arrivals arrivals,
        OwnLimits own) {
    static final Account EMPTY = new Account(List.of(), 0, 0, 0, Arrivals.NONE, OwnLimits.NONE);

    /** Days without anything reserved are kept so long, for whoever asks and for late calls. */
    private static final int KEPT_DAYS = 8;

    public Account {
        days = List.copyOf(days);
    }

    /** The books of a day, empty ones if nothing was booked. */
    public DayBook on(LocalDate day) {
        for (DayBook book : days) {
            if (book.day().equals(day)) {
                return book;
            }
        }
        return DayBook.empty(day);
    }

    /** Whether a job that needs so much may have it now. */
    BudgetDecision ask(LocalDate day, Cost limit, CostEstimate need) {
        DayBook book = on(day);
        Cost left = limit.minus(book.gone());
        if (left.compareTo(need.oneCall()) < 0) {
            return new BudgetDecision.Exhausted(left);
        }
        Cost free = limit.minus(book.booked());
        if (free.compareTo(need.oneCall()) < 0) {
            return new BudgetDecision.InTheWay();
        }
        return new BudgetDecision.Granted(need.of(free));
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

    /** With so many more jobs under way. */
    Account withJobs(int more) {
        return new Account(days, underWay + more, waiting, tickets, arrivals, own);
    }

    Account joined() {
        return new Account(days, underWay, waiting + 1, tickets + 1, arrivals, own);
    }

    Account left() {
        return new Account(days, underWay, waiting - 1, tickets, arrivals, own);
    }

    Account arrived(Instant now) {
        return new Account(days, underWay, waiting, tickets, arrivals.with(now), own);
    }

    Account with(OwnLimits limits) {
        return new Account(days, underWay, waiting, tickets, arrivals, limits);
    }

    /** Days in which nothing matters any more. */
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

    /** Nothing in it matters any more. */
    boolean isObsolete(Instant now) {
        return days.isEmpty()
                && waiting == 0
                && own.equals(OwnLimits.NONE)
                && arrivals.isObsolete(now);
    }
}
