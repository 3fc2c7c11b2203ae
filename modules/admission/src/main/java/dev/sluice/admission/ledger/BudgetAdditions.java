package dev.sluice.admission.ledger;

import dev.sluice.admission.store.StateEntries;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import org.apache.kafka.common.utils.Bytes;

/**
 * Ids of the additions made to users' daily budgets, kept until the day of the addition is over. An
 * addition counts once, however often its record is read. Not safe for use by several threads.
 */
public final class BudgetAdditions {
    /** Calls, ten a second, between two rounds over the additions. */
    private static final int REST = 600;

    private final StateEntries store;
    private final Sweep sweep;

    public BudgetAdditions(StateEntries store) {
        this.store = store;
        this.sweep = new Sweep(store, StoreKeys.ADDITION, REST);
    }

    /**
     * Whether an addition was made.
     *
     * @param id identifies the addition among those to the same user and day
     */
    public boolean contains(String user, LocalDate day, Bytes id) {
        return store.get(key(user, day, id)) != null;
    }

    /** Records that an addition was made. */
    public void add(String user, LocalDate day, Bytes id) {
        store.put(
                key(user, day, id),
                ByteBuffer.allocate(Integer.BYTES).putInt((int) day.toEpochDay()).array());
    }

    /**
     * Deletes additions to past days among the next entries of the sweep; repeated calls reach all
     * entries.
     */
    public void forget(LocalDate today, int entries) {
        sweep.next(entries, (_, value) -> ByteBuffer.wrap(value).getInt() < today.toEpochDay())
                .forEach(store::remove);
    }

    private static Bytes key(String user, LocalDate day, Bytes id) {
        return StoreKeys.ofUser(
                StoreKeys.ADDITION,
                user,
                ByteBuffer.allocate(Integer.BYTES + id.get().length)
                        .putInt((int) day.toEpochDay())
                        .put(id.get())
                        .array());
    }
}
