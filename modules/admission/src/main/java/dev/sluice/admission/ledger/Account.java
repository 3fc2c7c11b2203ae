package dev.sluice.admission.ledger;

import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One user's money, by day, and how many of the user's requests wait.
 *
 * @param days the oldest first
 * @param waiting requests that wait for money
 * @param tickets how many have waited so far; numbers go by this
 */
public record Account(List<DayBook> days, int waiting, long tickets) {
    static final Account EMPTY = new Account(List.of(), 0, 0);

    /** Days without anything reserved are kept so long, for whoever asks and for late calls. */
    private static final int KEPT_DAYS = 8;

    /**
     * A worst case is many times what a job costs. If the first job had all that is left, the
     * others would wait for it, one after the other.
     */
    private static final BigDecimal PARTS = BigDecimal.valueOf(4);

    public Account {
        days = List.copyOf(days);
    }

    /** The books of a day, empty ones if nothing was booked. */
    public DayBook on(LocalDate day) {
        return find(day).orElseGet(() -> DayBook.empty(day));
    }

    /** Whether a job that needs so much may have it now. */
    Answer ask(LocalDate day, Cost limit, Need need) {
        DayBook book = on(day);
        Cost left = limit.minus(book.gone());
        if (left.compareTo(need.oneCall()) < 0) {
            return new Answer.Exhausted(left);
        }
        Cost free = limit.minus(book.booked());
        if (free.compareTo(need.oneCall()) < 0) {
            return new Answer.InTheWay();
        }
        return new Answer.Granted(least(need.whole(), most(need.oneCall(), part(free))));
    }

    /** What one job may take of what is free, so that others can work beside it. */
    private static Cost part(Cost free) {
        return new Cost(free.usd().divide(PARTS));
    }

    private static Cost least(Cost one, Cost other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Cost most(Cost one, Cost other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    Account with(DayBook changed) {
        List<DayBook> next = new ArrayList<>();
        for (DayBook book : days) {
            boolean old = book.day().plusDays(KEPT_DAYS).isBefore(changed.day());
            if (!book.day().equals(changed.day()) && (book.isOpen() || !old)) {
                next.add(book);
            }
        }
        next.add(changed);
        next.sort(Comparator.comparing(DayBook::day));
        return new Account(next, waiting, tickets);
    }

    Account joined() {
        return new Account(days, waiting + 1, tickets + 1);
    }

    Account left() {
        return new Account(days, waiting - 1, tickets);
    }

    /** Nothing in it matters any more on this day. */
    boolean isObsolete(LocalDate today) {
        return waiting == 0
                && days.stream()
                        .allMatch(book ->
                                !book.isOpen() && book.day().plusDays(KEPT_DAYS).isBefore(today));
    }

    private Optional<DayBook> find(LocalDate day) {
        return days.stream().filter(book -> book.day().equals(day)).findFirst();
    }
}
