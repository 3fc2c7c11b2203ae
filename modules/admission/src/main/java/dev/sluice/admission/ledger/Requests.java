package dev.sluice.admission.ledger;

import dev.sluice.admission.store.Entries;
import dev.sluice.admission.store.EntryVersion;
import dev.sluice.admission.store.KnownKeys;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * Which requests came in the last day or have not ended, so that a record that upstream writes
 * twice is worked on once, and what is reserved for those that have a job: one entry for each. By
 * the clock, not by records' times: one record from the future would make all of them forgotten.
 */
public final class Requests {
    private static final Duration LIFE = Duration.ofHours(24);

    /**
     * Entries of requests that have not ended are renewed once a day, some time after it is over.
     */
    private static final Duration RENEWAL = Duration.ofHours(2);

    private static final int STATE = 1 + Long.BYTES;
    private static final int COUNTED = STATE + 1;
    private static final int HEAD = COUNTED + 1;

    private static final byte ENDED = 0;
    private static final byte WAITING = 1;
    private static final byte OPEN = 2;
    private static final byte REFUSED = 3;

    private final Entries store;
    private final Sweep sweep;
    private final KnownKeys known;

    /** Requests as they are in the store. */
    public Requests(Entries store, Instant now) {
        this(store, new KnownKeys(LIFE.plus(RENEWAL)), now);
    }

    Requests(Entries store, KnownKeys known, Instant now) {
        this.store = store;
        this.known = known;
        this.sweep = new Sweep(store, StoreKeys.REQUEST);
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(StoreKeys.from(StoreKeys.REQUEST), StoreKeys.to(StoreKeys.REQUEST))) {
            entries.forEachRemaining(entry -> {
                var _ = EntryVersion.after(entry.value);
                known.add(entry.key, now);
            });
        }
    }

    /**
     * Whether it came in the last day, or has not ended; but not if it was refused until a time
     * that has come.
     */
    public boolean contains(Identity request, Instant now) {
        byte @Nullable [] value = find(key(request));
        return value != null && matters(value, now);
    }

    /** It came; it may wait or have a job by now. */
    public void add(Identity request, Instant now) {
        Bytes key = key(request);
        byte @Nullable [] value = find(key);
        if (value == null || !matters(value, now)) {
            known.add(key, now);
            store.put(key, head(ENDED, false, 0, now.plus(LIFE)).array());
        }
    }

    /** It came, and is counted towards its user's rate. */
    public void count(Identity request, Instant now) {
        add(request, now);
        Bytes key = key(request);
        byte @Nullable [] value = store.get(key);
        if (value != null) {
            byte[] counted = value.clone();
            counted[COUNTED] = 1;
            store.put(key, counted);
        }
    }

    /** Whether it is counted towards its user's rate, and came in the last day or goes on. */
    public boolean isCounted(Identity request, Instant now) {
        byte @Nullable [] value = find(key(request));
        return value != null && value[COUNTED] == 1 && matters(value, now);
    }

    /** It is refused, and may come again from then on. */
    public void refuse(Identity request, Instant retryAt, Instant now) {
        Bytes key = key(request);
        boolean counted = isCounted(key);
        known.add(key, now);
        store.put(
                key,
                head(REFUSED, counted, Long.BYTES, now.plus(LIFE))
                        .putLong(retryAt.toEpochMilli())
                        .array());
    }

    private boolean isCounted(Bytes key) {
        byte @Nullable [] value = find(key);
        return value != null && value[COUNTED] == 1;
    }

    /** Most are new, and are not looked for in the store. */
    private byte @Nullable [] find(Bytes key) {
        return known.mayHave(key) ? store.get(key) : null;
    }

    /**
     * It waits.
     *
     * @param ticket its place in a line
     */
    public void await(Identity request, long ticket, Instant now) {
        Bytes key = key(request);
        boolean counted = isCounted(key);
        known.add(key, now);
        store.put(key, head(WAITING, counted, Long.BYTES, now.plus(LIFE)).putLong(ticket).array());
    }

    /** It has left that place: unless it has another or a job by now, it has ended. */
    public void leave(Identity request, long ticket, Instant now) {
        Bytes key = key(request);
        byte @Nullable [] value = store.get(key);
        if (value != null
                && state(value) == WAITING
                && ByteBuffer.wrap(value).getLong(HEAD) == ticket) {
            store.put(key, head(ENDED, value[COUNTED] == 1, 0, now.plus(LIFE)).array());
        }
    }

    /** Forgets some that are too old; called again and again it comes round to all of them. */
    public void forget(Instant now, int entries) {
        for (Bytes key : sweep.next(entries, value -> !now.isBefore(until(value)))) {
            byte @Nullable [] value = store.get(key);
            if (value == null || state(value) == ENDED || state(value) == REFUSED) {
                store.remove(key);
            } else {
                known.add(key, now);
                byte[] renewed = value.clone();
                ByteBuffer.wrap(renewed).putLong(1, now.plus(LIFE).toEpochMilli());
                store.put(key, renewed);
            }
        }
    }

    /** It has a job. */
    void open(
            Identity request,
            String reservationId,
            LocalDate day,
            Cost cap,
            String analysisName,
            Instant now) {
        Bytes key = key(request);
        boolean counted = isCounted(key);
        known.add(key, now);
        byte[] id = StoreKeys.utf8(reservationId);
        byte[] analysis = StoreKeys.utf8(analysisName);
        store.put(
                key,
                head(
                                OPEN,
                                counted,
                                Integer.BYTES + Long.BYTES + 1 + id.length + analysis.length,
                                now.plus(LIFE))
                        .putInt((int) day.toEpochDay())
                        .putLong(cap.billionths())
                        .put(id)
                        .put((byte) 0)
                        .put(analysis)
                        .array());
    }

    /** What is reserved for a request that is under way. */
    Optional<OpenReservation> reservation(Identity request) {
        byte @Nullable [] value = store.get(key(request));
        if (value == null || state(value) != OPEN) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(value).position(HEAD);
        LocalDate day = LocalDate.ofEpochDay(in.getInt());
        long cap = in.getLong();
        int end = in.position();
        while (value[end] != 0) {
            end++;
        }
        return Optional.of(
                new OpenReservation(
                        request,
                        text(value, in.position(), end),
                        day,
                        Cost.ofBillionths(cap),
                        text(value, end + 1, value.length),
                        until(value),
                        value[COUNTED] == 1));
    }

    /** It is under way no longer. */
    void close(OpenReservation reservation) {
        store.put(
                key(reservation.request()),
                head(ENDED, reservation.counted(), 0, reservation.known()).array());
    }

    private static ByteBuffer head(byte state, boolean counted, int more, Instant until) {
        return ByteBuffer.allocate(HEAD + more)
                .put(EntryVersion.CURRENT)
                .putLong(until.toEpochMilli())
                .put(state)
                .put((byte) (counted ? 1 : 0));
    }

    private static boolean matters(byte[] value, Instant now) {
        return switch (state(value)) {
            case ENDED -> now.isBefore(until(value));
            case REFUSED ->
                    now.isBefore(until(value))
                            && now.toEpochMilli() < ByteBuffer.wrap(value).getLong(HEAD);
            default -> true;
        };
    }

    private static byte state(byte[] value) {
        return value[STATE];
    }

    private static Instant until(byte[] value) {
        return Instant.ofEpochMilli(EntryVersion.after(value).getLong());
    }

    private static String text(byte[] value, int from, int to) {
        return new String(value, from, to - from, StandardCharsets.UTF_8);
    }

    private static Bytes key(Identity request) {
        byte[] requestId = StoreKeys.utf8(request.requestId());
        return StoreKeys.ofUser(
                StoreKeys.REQUEST,
                request.user(),
                ByteBuffer.allocate(requestId.length + 1 + Integer.BYTES)
                        .put(requestId)
                        .put((byte) 0)
                        .putInt(request.generation())
                        .array());
    }
}
