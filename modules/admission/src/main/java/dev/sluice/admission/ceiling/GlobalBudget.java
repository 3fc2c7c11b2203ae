package dev.sluice.admission.ceiling;

import dev.sluice.admission.ledger.CostEstimate;
import dev.sluice.admission.limits.CeilingScope;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.store.EntryVersion;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The bookings of one admission task under the daily ceilings, and the last published bookings of
 * the other tasks. Tasks publish their bookings several times a second. Until all tasks know of a
 * booking, each task may book only an equal part of the free money, and at least one call. Together
 * they exceed a ceiling by at most one call of each other task, as long as publishing takes less
 * than {@value RecentBookings#EXCHANGES} exchanges. Amounts are in USD. Not safe for use by several
 * threads.
 *
 * <p>Example: the ceiling is 100 USD, there are four tasks, and 60 USD are booked and known to all.
 * 40 USD are free, so each task may book 10 USD until the others know of its bookings.
 */
public final class GlobalBudget {
    private final StateEntries store;
    private final Optional<ReadOnlyKeyValueStore<Bytes, byte[]>> published;
    private final Ceilings ceilings;
    private final int task;
    private final int tasks;
    private final Map<Scope, DayTotal> own = new HashMap<>();
    private final Map<Scope, DayTotal> others = new HashMap<>();
    private final Set<Scope> changed = new HashSet<>();

    /** Bookings of this task at its last exchanges; each other task knows one of these amounts. */
    private final Map<Scope, RecentBookings> recent = new HashMap<>();

    /** One ceiling on one day. */
    private record Scope(LocalDate day, CeilingScope ceiling) {
        byte[] bytes() {
            byte[] text = StoreKeys.utf8(ceiling.stored());
            return ByteBuffer.allocate(Integer.BYTES + text.length)
                    .putInt((int) day.toEpochDay())
                    .put(text)
                    .array();
        }

        static Scope of(ByteBuffer bytes) {
            LocalDate day = LocalDate.ofEpochDay(bytes.getInt());
            return new Scope(day, CeilingScope.of(StandardCharsets.UTF_8.decode(bytes).toString()));
        }
    }

    /** Publishes the bookings of a task under a ceiling; a null value deletes them. */
    public interface Out {
        void publish(byte[] key, byte @Nullable [] value);
    }

    /**
     * Opens the bookings of this task in the state store.
     *
     * @param published the published bookings of all tasks; empty if no ceiling is configured
     * @param task number of this task
     * @param tasks number of tasks
     */
    public GlobalBudget(
            StateEntries store,
            Optional<ReadOnlyKeyValueStore<Bytes, byte[]>> published,
            Ceilings ceilings,
            int task,
            int tasks) {
        this.store = store;
        this.published = published;
        this.ceilings = ceilings;
        this.task = task;
        this.tasks = tasks;
        if (!ceilings.isEmpty()) {
            try (KeyValueIterator<Bytes, byte[]> entries =
                    store.range(StoreKeys.from(StoreKeys.TOTAL), StoreKeys.to(StoreKeys.TOTAL))) {
                entries.forEachRemaining(entry -> {
                    Scope scope = Scope.of(ByteBuffer.wrap(entry.key.get()).position(1));
                    ByteBuffer value = EntryVersion.after(entry.value);
                    own.put(scope, DayTotal.of(value));
                    recent.put(scope, RecentBookings.of(value));
                });
            }
            changed.addAll(own.keySet());
        }
        refresh();
    }

    /**
     * Reduces a cap granted by the user's budget to what fits under the ceilings. Books nothing.
     *
     * @param need the worst-case cost of the job
     * @param granted cap that the user's budget allows
     */
    public CeilingDecision fit(String analysis, LocalDate day, CostEstimate need, Cost granted) {
        Cost cap = granted;
        for (Map.Entry<CeilingScope, Cost> over : ceilings.over(analysis).entrySet()) {
            Scope scope = new Scope(day, over.getKey());
            DayTotal total = total(scope);
            Cost left = over.getValue().minus(total.consumed());
            if (left.compareTo(need.oneCall()) < 0) {
                return new CeilingDecision.Reached(
                        over.getKey().description(),
                        over.getKey().setting(),
                        over.getValue(),
                        left);
            }
            Cost free = left.minus(total.reserved());
            Cost used = unpublished(scope);
            Cost ownPart = share(scope, over.getValue()).minus(used);
            boolean hasUnpublished = used.compareTo(Cost.ZERO) > 0;
            if (free.compareTo(need.oneCall()) < 0
                    || (hasUnpublished && ownPart.compareTo(need.oneCall()) < 0)) {
                return new CeilingDecision.HeldByReservations();
            }
            cap = cap.min(need.cap(ownPart));
        }
        return new CeilingDecision.Fits(cap);
    }

    /** The part of this task's bookings that another task may not know yet. */
    private Cost unpublished(Scope scope) {
        return own.getOrDefault(scope, DayTotal.NOTHING).booked().minus(recent(scope).least());
    }

    /** This task's equal part of the money that was free at the last exchange. */
    private Cost share(Scope scope, Cost ceiling) {
        Cost free =
                ceiling.minus(others.getOrDefault(scope, DayTotal.NOTHING).booked())
                        .minus(recent(scope).most());
        return free.part(tasks);
    }

    private RecentBookings recent(Scope scope) {
        return recent.getOrDefault(scope, RecentBookings.NOTHING);
    }

    private DayTotal total(Scope scope) {
        return own.getOrDefault(scope, DayTotal.NOTHING)
                .plus(others.getOrDefault(scope, DayTotal.NOTHING));
    }

    /** Books a reservation under the ceilings of an analysis. */
    public void reserve(String analysis, LocalDate day, Cost cap) {
        add(ceilings.over(analysis).keySet(), day, Cost.ZERO, cap);
    }

    /** Replaces a reservation by the cost of the job. */
    public void settle(String analysis, LocalDate day, Cost cap, Cost cost) {
        add(ceilings.over(analysis).keySet(), day, cost, Cost.ZERO.minus(cap));
    }

    /**
     * Replaces a reservation of a job whose analysis is not known: only the ceiling of all analyses
     * changes.
     */
    public void settle(LocalDate day, Cost cap, Cost cost) {
        add(ceilings.overAll().keySet(), day, cost, Cost.ZERO.minus(cap));
    }

    /** This task's bookings of a day. */
    public Map<CeilingScope, DayTotal> bookings(LocalDate day) {
        Map<CeilingScope, DayTotal> bookings = new HashMap<>();
        own.forEach((scope, total) -> {
            if (scope.day().equals(day)) {
                bookings.put(scope.ceiling(), total);
            }
        });
        return bookings;
    }

    private void add(Set<CeilingScope> over, LocalDate day, Cost consumed, Cost reserved) {
        for (CeilingScope ceiling : over) {
            Scope scope = new Scope(day, ceiling);
            DayTotal before = own.getOrDefault(scope, DayTotal.NOTHING);
            // A reservation made before the ceiling was configured was never counted.
            Cost left = before.reserved().plus(reserved).max(Cost.ZERO).min(Cost.MOST);
            own.put(scope, new DayTotal(before.consumed().plus(consumed).min(Cost.MOST), left));
            write(scope);
            changed.add(scope);
        }
    }

    private void write(Scope scope) {
        RecentBookings before = recent(scope);
        ByteBuffer out =
                ByteBuffer.allocate(1 + DayTotal.BYTES + before.bytes()).put(EntryVersion.CURRENT);
        own.getOrDefault(scope, DayTotal.NOTHING).writeTo(out);
        before.writeTo(out);
        store.put(key(scope), out.array());
    }

    /**
     * Publishes changed bookings, reads those of the other tasks, and deletes days before
     * yesterday.
     */
    public void exchange(LocalDate today, Out out) {
        if (ceilings.isEmpty()) {
            return;
        }
        LocalDate oldest = today.minusDays(1);
        for (Scope scope : Set.copyOf(own.keySet())) {
            if (scope.day().isBefore(oldest)) {
                own.remove(scope);
                recent.remove(scope);
                changed.remove(scope);
                store.remove(key(scope));
                out.publish(publishedKey(scope), null);
            }
        }
        for (Scope scope : changed) {
            out.publish(publishedKey(scope), encoded(own.getOrDefault(scope, DayTotal.NOTHING)));
        }
        changed.clear();
        own.forEach((scope, total) -> {
            RecentBookings before = recent(scope);
            RecentBookings after = before.with(total.booked());
            if (!after.equals(before)) {
                recent.put(scope, after);
                write(scope);
            }
        });
        refresh();
    }

    /** Whether a record on the totals topic is one that a task has published. */
    public static boolean isPublished(@Nullable Bytes key, byte @Nullable [] value) {
        return key != null
                && key.get().length >= 2 * Integer.BYTES
                && (value == null
                        || (value.length == DayTotal.BYTES
                                && DayTotal.of(ByteBuffer.wrap(value)).isValid()));
    }

    /** Reads the published bookings of the other tasks. */
    private void refresh() {
        others.clear();
        published.ifPresent(this::readOthers);
    }

    private void readOthers(ReadOnlyKeyValueStore<Bytes, byte[]> all) {
        try (KeyValueIterator<Bytes, byte[]> entries = all.all()) {
            while (entries.hasNext()) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                ByteBuffer key = ByteBuffer.wrap(entry.key.get());
                if (key.getInt() != task) {
                    others.merge(
                            Scope.of(key),
                            DayTotal.of(ByteBuffer.wrap(entry.value)),
                            DayTotal::plus);
                }
            }
        }
    }

    private static byte[] encoded(DayTotal total) {
        ByteBuffer out = ByteBuffer.allocate(DayTotal.BYTES);
        total.writeTo(out);
        return out.array();
    }

    private byte[] publishedKey(Scope scope) {
        byte[] bytes = scope.bytes();
        return ByteBuffer.allocate(Integer.BYTES + bytes.length).putInt(task).put(bytes).array();
    }

    private static Bytes key(Scope scope) {
        byte[] bytes = scope.bytes();
        return Bytes.wrap(
                ByteBuffer.allocate(1 + bytes.length).put(StoreKeys.TOTAL).put(bytes).array());
    }
}
