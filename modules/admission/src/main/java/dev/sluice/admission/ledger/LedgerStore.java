package dev.sluice.admission.ledger;

import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Accounts and open reservations in admission's one state store, each under a prefix of its own.
 * Amounts are whole billionths of a USD.
 */
public final class LedgerStore {
    /** Of what is written; older ones are read as long as there is one. */
    private static final byte VERSION = 1;

    private static final int BOOK_BYTES = Integer.BYTES + 3 * Long.BYTES;

    private static final byte[] NOTHING = {};

    private final KeyValueStore<Bytes, byte[]> store;
    private final Sweep accounts;
    private final Map<String, Account> recent = new Recent();

    /**
     * Accounts as they are in the store, which nobody else writes: each is asked for many times.
     */
    private static final class Recent extends LinkedHashMap<String, Account> {
        private static final long serialVersionUID = 1L;
        private static final int MOST = 10_000;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Account> eldest) {
            return size() > MOST;
        }
    }

    public LedgerStore(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
        this.accounts = new Sweep(store, StoreKeys.ACCOUNT);
    }

    /** Forgets some accounts in which nothing matters any more. */
    void forget(LocalDate today, int entries) {
        List<Bytes> obsolete =
                accounts.next(entries, value -> decoded(ByteBuffer.wrap(value)).isObsolete(today));
        for (Bytes key : obsolete) {
            store.delete(key);
            recent.remove(StoreKeys.user(key));
        }
    }

    Account account(String user) {
        return recent.computeIfAbsent(user, this::read);
    }

    private Account read(String user) {
        byte[] value = store.get(accountKey(user));
        return value == null ? Account.EMPTY : decoded(ByteBuffer.wrap(value));
    }

    void put(String user, Account account) {
        store.put(accountKey(user), encoded(account));
        recent.put(user, account);
    }

    void open(String user, String reservationId, OpenReservation reservation) {
        store.put(
                reservationKey(user, reservationId),
                ByteBuffer.allocate(1 + Integer.BYTES + Long.BYTES)
                        .put(VERSION)
                        .putInt((int) reservation.day().toEpochDay())
                        .putLong(billionths(reservation.cap()))
                        .array());
    }

    void close(String user, String reservationId) {
        // Deleting would read it first.
        store.put(reservationKey(user, reservationId), null);
    }

    /** A reservation, if it is open. */
    Optional<OpenReservation> reservation(String user, String reservationId) {
        byte[] value = store.get(reservationKey(user, reservationId));
        if (value == null) {
            return Optional.empty();
        }
        ByteBuffer in = checked(ByteBuffer.wrap(value));
        return Optional.of(
                new OpenReservation(LocalDate.ofEpochDay(in.getInt()), cost(in.getLong())));
    }

    private static byte[] encoded(Account account) {
        ByteBuffer out =
                ByteBuffer.allocate(
                                1 + Integer.BYTES + Long.BYTES + account.days().size() * BOOK_BYTES)
                        .put(VERSION)
                        .putInt(account.waiting())
                        .putLong(account.tickets());
        for (DayBook book : account.days()) {
            out.putInt((int) book.day().toEpochDay())
                    .putLong(billionths(book.spent()))
                    .putLong(billionths(book.unconfirmed()))
                    .putLong(billionths(book.reserved()));
        }
        return out.array();
    }

    private static Account decoded(ByteBuffer value) {
        ByteBuffer in = checked(value);
        int waiting = in.getInt();
        long tickets = in.getLong();
        List<DayBook> days = new ArrayList<>();
        while (in.hasRemaining()) {
            days.add(
                    new DayBook(
                            LocalDate.ofEpochDay(in.getInt()),
                            cost(in.getLong()),
                            cost(in.getLong()),
                            cost(in.getLong())));
        }
        return new Account(days, waiting, tickets);
    }

    private static ByteBuffer checked(ByteBuffer value) {
        byte version = value.get();
        if (version != VERSION) {
            throw new IllegalStateException(
                    "the state store was written by a newer version of admission ("
                            + version
                            + ", this one knows "
                            + VERSION
                            + "): update it");
        }
        return value;
    }

    private static long billionths(Cost cost) {
        return cost.usd().unscaledValue().longValueExact();
    }

    private static Cost cost(long billionths) {
        return new Cost(BigDecimal.valueOf(billionths, Cost.SCALE));
    }

    private static Bytes accountKey(String user) {
        return StoreKeys.ofUser(StoreKeys.ACCOUNT, user, NOTHING);
    }

    private static Bytes reservationKey(String user, String reservationId) {
        return StoreKeys.ofUser(StoreKeys.RESERVATION, user, StoreKeys.utf8(reservationId));
    }
}
