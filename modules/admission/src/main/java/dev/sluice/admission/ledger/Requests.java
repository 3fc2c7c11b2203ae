package dev.sluice.admission.ledger;

import dev.sluice.admission.store.EntryVersion;
import dev.sluice.admission.store.Segments;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.analysis.price.Cost;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Which requests came in the last day or have not ended, so that a record that upstream writes
 * twice is worked on once, and what is reserved for those that have a job: one entry for each. By
 * the clock, not by records' times: one record from the future would make all of them forgotten.
 */
public final class Requests {
    private static final Duration LIFE = Duration.ofHours(24);

    /** So many times as many as have come are gone through, so that none stay. */
    private static final int PACE = 2;

    private static final int STATE = 1 + Long.BYTES;
    private static final int COUNTED = STATE + 1;
    private static final int HEAD = COUNTED + 1;

    private static final byte ENDED = 0;
    private static final byte WAITING = 1;
    private static final byte OPEN = 2;
    private static final byte REFUSED = 3;

    private final StateEntries store;
    private final Segments segments;

    /** Since entries were last gone through. */
    private int arrivals;

    /** Requests as they are in the store. */
    public Requests(StateEntries store, Instant now) {
        this.store = store;
        this.segments = new Segments(store, StoreKeys.REQUEST, now);
    }

    /** An entry and where it is. */
    private record Entry(Bytes place, Bytes bytes) {
        byte[] value() {
            return bytes.get();
        }

        boolean counted() {
            return value()[COUNTED] == 1;
        }
    }

    private Optional<Entry> find(RequestKey request) {
        return segments.find(key(request))
                .map(place ->
                        new Entry(place, Bytes.wrap(Objects.requireNonNull(store.get(place)))));
    }

    /** Changes an entry, or makes one. */
    private void put(Optional<Entry> entry, RequestKey request, byte[] value, Instant now) {
        store.put(entry.map(Entry::place).orElseGet(() -> place(request, now)), value);
    }

    private Bytes place(RequestKey request, Instant now) {
        arrivals++;
        return segments.add(key(request), now);
    }

    /**
     * Whether it came in the last day, or has not ended; but not if it was refused until a time
     * that has come.
     */
    public boolean contains(RequestKey request, Instant now) {
        return find(request).filter(entry -> matters(entry.value(), now)).isPresent();
    }

    /** It came; it may wait or have a job by now. */
    public void add(RequestKey request, Instant now) {
        Optional<Entry> entry = find(request);
        if (entry.filter(known -> matters(known.value(), now)).isEmpty()) {
            put(entry, request, head(ENDED, false, 0, now.plus(LIFE)).array(), now);
        }
    }

    /** It came, and is counted towards its user's rate. */
    public void count(RequestKey request, Instant now) {
        Optional<Entry> entry = find(request);
        if (entry.filter(known -> matters(known.value(), now)).isPresent()) {
            byte[] counted = entry.get().value().clone();
            counted[COUNTED] = 1;
            store.put(entry.get().place(), counted);
        } else {
            put(entry, request, head(ENDED, true, 0, now.plus(LIFE)).array(), now);
        }
    }

    /** Whether it is counted towards its user's rate, and came in the last day or goes on. */
    public boolean isCounted(RequestKey request, Instant now) {
        return find(request)
                .filter(entry -> entry.counted() && matters(entry.value(), now))
                .isPresent();
    }

    /** It is refused, and may come again from then on. */
    public void refuse(RequestKey request, Instant retryAt, Instant now) {
        Optional<Entry> entry = find(request);
        put(
                entry,
                request,
                head(REFUSED, isCounted(entry), Long.BYTES, now.plus(LIFE))
                        .putLong(retryAt.toEpochMilli())
                        .array(),
                now);
    }

    private static boolean isCounted(Optional<Entry> entry) {
        return entry.filter(Entry::counted).isPresent();
    }

    /**
     * It waits.
     *
     * @param ticket its place in a line
     */
    public void await(RequestKey request, long ticket, Instant now) {
        Optional<Entry> entry = find(request);
        put(
                entry,
                request,
                head(WAITING, isCounted(entry), Long.BYTES, now.plus(LIFE)).putLong(ticket).array(),
                now);
    }

    /** It has left that place: unless it has another or a job by now, it has ended. */
    public void leave(RequestKey request, long ticket, Instant now) {
        find(request)
                .filter(entry ->
                        state(entry.value()) == WAITING
                                && ByteBuffer.wrap(entry.value()).getLong(HEAD) == ticket)
                .ifPresent(entry ->
                        store.put(
                                entry.place(),
                                head(ENDED, entry.counted(), 0, now.plus(LIFE)).array()));
    }

    /**
     * Forgets some that are too old; called again and again, all of them, however many come. Those
     * that wait or are under way go on as if they had come now.
     *
     * @param entries at least so many are gone through, if there are
     */
    public void forget(Instant now, int entries) {
        int count = Math.max(entries, PACE * arrivals);
        arrivals = 0;
        for (Bytes place : segments.old(LIFE, count, now)) {
            byte @Nullable [] value = store.get(place);
            if (value != null && matters(value, now)) {
                byte[] renewed = value.clone();
                if (state(value) == WAITING || state(value) == OPEN) {
                    ByteBuffer.wrap(renewed).putLong(1, now.plus(LIFE).toEpochMilli());
                }
                store.put(segments.add(Segments.key(place), now), renewed);
            }
            store.remove(place);
        }
    }

    /** It has a job. */
    void open(
            RequestKey request,
            String reservationId,
            LocalDate day,
            Cost cap,
            String analysisName,
            Instant now) {
        Optional<Entry> entry = find(request);
        byte[] id = StoreKeys.utf8(reservationId);
        byte[] analysis = StoreKeys.utf8(analysisName);
        put(
                entry,
                request,
                head(
                                OPEN,
                                isCounted(entry),
                                Integer.BYTES + Long.BYTES + 1 + id.length + analysis.length,
                                now.plus(LIFE))
                        .putInt((int) day.toEpochDay())
                        .putLong(cap.billionths())
                        .put(id)
                        .put((byte) 0)
                        .put(analysis)
                        .array(),
                now);
    }

    /** What is reserved for a request that is under way. */
    Optional<OpenReservation> reservation(RequestKey request) {
        return find(request)
                .map(Entry::value)
                .filter(value -> state(value) == OPEN)
                .map(value -> reservation(request, value));
    }

    private static OpenReservation reservation(RequestKey request, byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value).position(HEAD);
        LocalDate day = LocalDate.ofEpochDay(in.getInt());
        long cap = in.getLong();
        int end = in.position();
        while (value[end] != 0) {
            end++;
        }
        return new OpenReservation(
                request,
                text(value, in.position(), end),
                day,
                Cost.ofBillionths(cap),
                text(value, end + 1, value.length));
    }

    /** It is under way no longer. */
    void close(OpenReservation reservation) {
        find(reservation.request())
                .ifPresent(entry ->
                        store.put(
                                entry.place(),
                                head(ENDED, entry.counted(), 0, until(entry.value())).array()));
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

    private static byte[] key(RequestKey request) {
        byte[] user = StoreKeys.utf8(request.user());
        byte[] requestId = StoreKeys.utf8(request.requestId());
        return ByteBuffer.allocate(user.length + requestId.length + 2 + Integer.BYTES)
                .put(user)
                .put((byte) 0)
                .put(requestId)
                .put((byte) 0)
                .putInt(request.generation())
                .array();
    }
}
