package dev.sluice.admission.ledger;

import dev.sluice.admission.store.EntryVersion;
import dev.sluice.admission.store.RecentlyUsed;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;

/**
 * The accounts of all users of one task, in admission's state store. Amounts are stored as whole
 * billionths of a USD. Changes are written by {@link #flush}. Not safe for use by several threads.
 */
public final class Accounts {
    private static final byte[] NOTHING = {};

    private static final int BOOK_BYTES = Integer.BYTES + 4 * Long.BYTES;
    private static final int MINUTE_BYTES = Long.BYTES + Integer.BYTES;
    private static final int FIXED_BYTES = 1 + 2 * Integer.BYTES + Long.BYTES + Integer.BYTES;
    private static final int OWN_BYTES = Long.BYTES + Integer.BYTES;

    private static final int RECENT = 10_000;

    /** Calls, ten a second, between two rounds over the accounts, which look for old days. */
    private static final int REST = 600;

    /** Stored in place of an own limit that is not set. */
    private static final int NO_LIMIT = -1;

    private final StateEntries store;
    private final Sweep accounts;

    /**
     * Cache of the most recently used accounts, including changed ones. It never goes stale,
     * because only this object writes accounts.
     */
    private final Map<String, Account> recent = new RecentlyUsed<>(RECENT);

    /**
     * Accounts changed since the last {@link #flush}. One record often changes an account several
     * times, so they are written together.
     */
    private final Map<String, Account> changed = new LinkedHashMap<>();

    public Accounts(StateEntries store) {
        this.store = store;
        this.accounts = new Sweep(store, StoreKeys.ACCOUNT, REST);
    }

    /**
     * Deletes old day books, and accounts that are empty then, from the next entries of the sweep.
     *
     * @param entries number of accounts to look at
     * @param forgotten called once for each deleted day
     */
    void forget(LocalDate today, Instant now, int entries, Forgotten forgotten) {
        List<Bytes> keys = accounts.next(entries, (_, value) -> hasOld(decoded(value), today, now));
        for (Bytes key : keys) {
            String user = StoreKeys.user(key);
            Account account = account(user);
            List<DayBook> old = account.oldDays(today);
            old.forEach(book -> forgotten.accept(user, book.day()));
            Account left = account.without(old);
            if (left.isObsolete(now)) {
                store.remove(key);
                recent.remove(user);
                changed.remove(user);
            } else {
                put(user, left);
            }
        }
    }

    private static boolean hasOld(Account account, LocalDate today, Instant now) {
        return account.isObsolete(now) || !account.oldDays(today).isEmpty();
    }

    /** Receives the user and day of each deleted day book. */
    public interface Forgotten {
        void accept(String user, LocalDate day);
    }

    Account account(String user) {
        return recent.computeIfAbsent(user, this::read);
    }

    private Account read(String user) {
        Account unwritten = changed.get(user);
        if (unwritten != null) {
            return unwritten;
        }
        byte[] value = store.get(accountKey(user));
        return value == null ? Account.EMPTY : decoded(value);
    }

    void put(String user, Account account) {
        changed.put(user, account);
        recent.put(user, account);
    }

    void flush() {
        changed.forEach((user, account) -> store.put(accountKey(user), encoded(account)));
        changed.clear();
    }

    private static byte[] encoded(Account account) {
        List<Arrivals.Minute> minutes = account.arrivals().minutes();
        ByteBuffer out =
                ByteBuffer.allocate(
                                FIXED_BYTES
                                        + OWN_BYTES
                                        + minutes.size() * MINUTE_BYTES
                                        + account.days().size() * BOOK_BYTES)
                        .put(EntryVersion.CURRENT)
                        .putInt(account.underWay())
                        .putInt(account.waiting())
                        .putLong(account.tickets())
                        .putLong(
                                account.own().daily().map(Cost::billionths).orElse((long) NO_LIMIT))
                        .putInt(account.own().perHour().orElse(NO_LIMIT))
                        .putInt(minutes.size());
        for (Arrivals.Minute minute : minutes) {
            out.putLong(minute.number()).putInt(minute.count());
        }
        for (DayBook book : account.days()) {
            out.putInt((int) book.day().toEpochDay())
                    .putLong(book.spent().billionths())
                    .putLong(book.unconfirmed().billionths())
                    .putLong(book.reserved().billionths())
                    .putLong(book.added().billionths());
        }
        return out.array();
    }

    private static Account decoded(byte[] value) {
        ByteBuffer in = EntryVersion.after(value);
        int underWay = in.getInt();
        int waiting = in.getInt();
        long tickets = in.getLong();
        long daily = in.getLong();
        int perHour = in.getInt();
        List<Arrivals.Minute> minutes = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            minutes.add(new Arrivals.Minute(in.getLong(), in.getInt()));
        }
        List<DayBook> days = new ArrayList<>();
        while (in.hasRemaining()) {
            days.add(
                    new DayBook(
                            LocalDate.ofEpochDay(in.getInt()),
                            Cost.ofBillionths(in.getLong()),
                            Cost.ofBillionths(in.getLong()),
                            Cost.ofBillionths(in.getLong()),
                            Cost.ofBillionths(in.getLong())));
        }
        OwnLimits own =
                new OwnLimits(
                        daily == NO_LIMIT
                                ? Optional.empty()
                                : Optional.of(Cost.ofBillionths(daily)),
                        perHour == NO_LIMIT ? Optional.empty() : Optional.of(perHour));
        return new Account(days, underWay, waiting, tickets, new Arrivals(minutes), own);
    }

    private static Bytes accountKey(String user) {
        return StoreKeys.ofUser(StoreKeys.ACCOUNT, user, NOTHING);
    }
}
