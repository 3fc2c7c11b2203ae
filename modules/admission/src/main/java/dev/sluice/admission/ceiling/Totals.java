package dev.sluice.admission.ceiling;

import dev.sluice.admission.ledger.Need;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.store.Entries;
import dev.sluice.admission.store.EntryVersion;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What this task has booked of each day under the ceilings, and what the others have last told.
 *
 * <p>Tasks tell each other some times a second. Until the others have heard of it, each may book an
 * equal part of what is free, and one call where that part is smaller. So together they pass a
 * ceiling by one call of each other task at most, as long as telling takes less than {@value
 * Past#EXCHANGES} exchanges. Not safe for use by several threads.
 */
public final class Totals {
    private final Entries store;
    private final @Nullable ReadOnlyKeyValueStore<Bytes, byte[]> told;
    private final Ceilings ceilings;
    private final int task;
    private final int tasks;
    private final Map<Scope, Total> own = new HashMap<>();
    private final Map<Scope, Total> others = new HashMap<>();
    private final Set<Scope> changed = new HashSet<>();

    /** What this task had booked at the last exchanges: any of it is what others may know. */
    private final Map<Scope, Past> past = new HashMap<>();

    /** A day of all analyses or of one. */
    private record Scope(LocalDate day, String name) {
        byte[] bytes() {
            byte[] text = StoreKeys.utf8(name);
            return ByteBuffer.allocate(Integer.BYTES + text.length)
                    .putInt((int) day.toEpochDay())
                    .put(text)
                    .array();
        }

        static Scope of(ByteBuffer bytes) {
            LocalDate day = LocalDate.ofEpochDay(bytes.getInt());
            return new Scope(day, StandardCharsets.UTF_8.decode(bytes).toString());
        }
    }

    /** Where a task tells what it has booked; a null value takes it back. */
    public interface Out {
        void tell(byte[] key, byte @Nullable [] value);
    }

    /**
     * @param told what all tasks have told; null where there are no ceilings
     * @param task number of this one
     * @param tasks how many there are
     */
    public Totals(
            Entries store,
            @Nullable ReadOnlyKeyValueStore<Bytes, byte[]> told,
            Ceilings ceilings,
            int task,
            int tasks) {
        this.store = store;
        this.told = told;
        this.ceilings = ceilings;
        this.task = task;
        this.tasks = tasks;
        if (!ceilings.isEmpty()) {
            try (KeyValueIterator<Bytes, byte[]> entries =
                    store.range(StoreKeys.from(StoreKeys.TOTAL), StoreKeys.to(StoreKeys.TOTAL))) {
                entries.forEachRemaining(entry -> {
                    Scope scope = Scope.of(ByteBuffer.wrap(entry.key.get()).position(1));
                    ByteBuffer value = EntryVersion.after(entry.value);
                    own.put(scope, Total.of(value));
                    past.put(scope, Past.of(value));
                });
            }
            changed.addAll(own.keySet());
        }
        hear();
    }

    /** How much of what a user may spend on a job fits under the ceilings; books nothing. */
    public Fit fit(String analysis, LocalDate day, Need need, Cost granted) {
        Cost cap = granted;
        for (Map.Entry<String, Cost> over : ceilings.over(analysis).entrySet()) {
            Scope scope = new Scope(day, over.getKey());
            Total total = total(scope);
            Cost left = over.getValue().minus(total.gone());
            if (left.compareTo(need.oneCall()) < 0) {
                return new Fit.Reached(
                        whose(over.getKey()), setting(over.getKey()), over.getValue(), left);
            }
            Cost free = left.minus(total.reserved());
            Cost used = unheard(scope);
            Cost mine = share(scope, over.getValue()).minus(used);
            boolean some = used.compareTo(Cost.ZERO) > 0;
            if (free.compareTo(need.oneCall()) < 0
                    || (some && mine.compareTo(need.oneCall()) < 0)) {
                return new Fit.InTheWay();
            }
            cap = cap.min(need.of(mine));
        }
        return new Fit.Fits(cap);
    }

    /** What this task has booked that others may not have heard of. */
    private Cost unheard(Scope scope) {
        return own.getOrDefault(scope, Total.NOTHING).booked().minus(past(scope).least());
    }

    /** An equal part of what was free when all had heard of each other. */
    private Cost share(Scope scope, Cost ceiling) {
        Cost free =
                ceiling.minus(others.getOrDefault(scope, Total.NOTHING).booked())
                        .minus(past(scope).most());
        return free.part(tasks);
    }

    private Past past(Scope scope) {
        return past.getOrDefault(scope, Past.NOTHING);
    }

    private static String whose(String scope) {
        return scope.equals(Ceilings.ALL)
                ? "the budget of all users"
                : "the budget of all users for " + scope;
    }

    private static String setting(String scope) {
        return scope.equals(Ceilings.ALL)
                ? "budgets.all-users-daily-usd"
                : "budgets.analyses." + scope;
    }

    private Total total(Scope scope) {
        return own.getOrDefault(scope, Total.NOTHING)
                .plus(others.getOrDefault(scope, Total.NOTHING));
    }

    /** A job may cost so much. */
    public void reserve(String analysis, LocalDate day, Cost cap) {
        add(analysis, day, Cost.ZERO, cap);
    }

    /** It cost so much, of what was reserved. */
    public void settle(String analysis, LocalDate day, Cost cap, Cost cost) {
        add(analysis, day, cost, Cost.ZERO.minus(cap));
    }

    private void add(String analysis, LocalDate day, Cost gone, Cost reserved) {
        for (String name : ceilings.over(analysis).keySet()) {
            Scope scope = new Scope(day, name);
            Total before = own.getOrDefault(scope, Total.NOTHING);
            Cost left = before.reserved().plus(reserved);
            // Reserved before there was a ceiling, it was never counted.
            Total after =
                    new Total(
                            before.gone().plus(gone).min(Cost.MOST),
                            left.max(Cost.ZERO).min(Cost.MOST));
            own.put(scope, after);
            write(scope);
            changed.add(scope);
        }
    }

    private void write(Scope scope) {
        Past before = past(scope);
        ByteBuffer out =
                ByteBuffer.allocate(1 + Total.BYTES + before.bytes()).put(EntryVersion.CURRENT);
        own.getOrDefault(scope, Total.NOTHING).writeTo(out);
        before.writeTo(out);
        store.put(key(scope), out.array());
    }

    /** Tells the others what has changed, hears what they have told, and forgets old days. */
    public void exchange(LocalDate today, Out out) {
        if (ceilings.isEmpty()) {
            return;
        }
        LocalDate oldest = today.minusDays(1);
        for (Scope scope : Set.copyOf(own.keySet())) {
            if (scope.day().isBefore(oldest)) {
                own.remove(scope);
                past.remove(scope);
                changed.remove(scope);
                store.remove(key(scope));
                out.tell(toldKey(scope), null);
            }
        }
        for (Scope scope : changed) {
            out.tell(toldKey(scope), written(own.getOrDefault(scope, Total.NOTHING)));
        }
        changed.clear();
        own.forEach((scope, total) -> {
            Past before = past(scope);
            Past after = before.with(total.booked());
            if (!after.equals(before)) {
                past.put(scope, after);
                write(scope);
            }
        });
        hear();
    }

    /**
     * Whether it is what a task tells of a day, or takes back.
     *
     * @param key of the record
     * @param value of the record
     */
    public static boolean isTold(@Nullable Bytes key, byte @Nullable [] value) {
        return key != null
                && key.get().length >= 2 * Integer.BYTES
                && (value == null
                        || (value.length == Total.BYTES
                                && Total.of(ByteBuffer.wrap(value)).isSound()));
    }

    /** Hears what the others have told. */
    private void hear() {
        others.clear();
        if (told == null) {
            return;
        }
        try (KeyValueIterator<Bytes, byte[]> entries = told.all()) {
            while (entries.hasNext()) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                ByteBuffer key = ByteBuffer.wrap(entry.key.get());
                if (key.getInt() != task) {
                    others.merge(
                            Scope.of(key), Total.of(ByteBuffer.wrap(entry.value)), Total::plus);
                }
            }
        }
    }

    private static byte[] written(Total total) {
        ByteBuffer out = ByteBuffer.allocate(Total.BYTES);
        total.writeTo(out);
        return out.array();
    }

    private byte[] toldKey(Scope scope) {
        byte[] bytes = scope.bytes();
        return ByteBuffer.allocate(Integer.BYTES + bytes.length).putInt(task).put(bytes).array();
    }

    private static Bytes key(Scope scope) {
        byte[] bytes = scope.bytes();
        return Bytes.wrap(
                ByteBuffer.allocate(1 + bytes.length).put(StoreKeys.TOTAL).put(bytes).array());
    }
}
