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
 * The known requests: those that came in the last 24 hours, wait, or have a running job. One entry
 * per request prevents duplicates and holds the reservation of its job. Ages are measured by the
 * clock, not by record timestamps, because one record from the future would expire all entries. Not
 * safe for use by several threads.
 *
 * <p>Example: a request comes at 10:00 and its job ends at 10:05. The same request at 09:00 the
 * next day is a duplicate; at 10:01 the next day it is a new request.
 */
public final class Requests {
    private static final Duration LIFE = Duration.ofHours(24);

    /**
     * Factor between the entries visited by a cleanup and the entries that came since the last one;
     * above 1, so that cleanup keeps up.
     */
    private static final int PACE = 2;

    private static final int STATE = 1 + Long.BYTES;
    private static final int COUNTED = STATE + 1;
    private static final int HEAD = COUNTED + 1;

    private static final byte ENDED = 0;
    private static final byte WAITING = 1;
    private static final byte OPEN = 2;
    private static final byte DENIED = 3;

    private final StateEntries store;
    private final Segments segments;

    /** New entries since the last cleanup. */
    private int arrivals;

    /** Opens the entries in the store. */
    public Requests(StateEntries store, Instant now) {
        this.store = store;
        this.segments = new Segments(store, StoreKeys.REQUEST, now);
    }

    /** An entry and its key in the store. */
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

    /** Updates an entry, or creates it. */
    private void put(Optional<Entry> entry, RequestKey request, byte[] value, Instant now) {
        store.put(entry.map(Entry::place).orElseGet(() -> place(request, now)), value);
    }

    private Bytes place(RequestKey request, Instant now) {
        arrivals++;
        return segments.add(key(request), now);
    }

    /**
     * Whether the request is a duplicate: it came in the last 24 hours, waits, or has a running
     * job. A denied request is not a duplicate once its retry time has come.
     */
    public boolean contains(RequestKey request, Instant now) {
        return find(request).filter(entry -> isLive(entry.value(), now)).isPresent();
    }

    /** Records that the request came, unless it has an entry already. */
    public void add(RequestKey request, Instant now) {
        Optional<Entry> entry = find(request);
        if (entry.filter(known -> isLive(known.value(), now)).isEmpty()) {
            put(entry, request, head(ENDED, false, 0, now.plus(LIFE)).array(), now);
        }
    }

    /** Records that the request counts towards its user's requests per hour. */
    public void count(RequestKey request, Instant now) {
        Optional<Entry> entry = find(request);
        if (entry.filter(known -> isLive(known.value(), now)).isPresent()) {
            byte[] counted = entry.get().value().clone();
            counted[COUNTED] = 1;
            store.put(entry.get().place(), counted);
        } else {
            put(entry, request, head(ENDED, true, 0, now.plus(LIFE)).array(), now);
        }
    }

    /**
     * Whether the request counts towards its user's rate, and came in the last 24 hours or has not
     * ended.
     */
    public boolean isCounted(RequestKey request, Instant now) {
        return find(request)
                .filter(entry -> entry.counted() && isLive(entry.value(), now))
                .isPresent();
    }

    /** Records that the request was denied and may be sent again from a time on. */
    public void deny(RequestKey request, Instant retryAt, Instant now) {
        Optional<Entry> entry = find(request);
        put(
                entry,
                request,
                head(DENIED, isCounted(entry), Long.BYTES, now.plus(LIFE))
                        .putLong(retryAt.toEpochMilli())
                        .array(),
                now);
    }

    private static boolean isCounted(Optional<Entry> entry) {
        return entry.filter(Entry::counted).isPresent();
    }

    /**
     * Records that the request waits.
     *
     * @param ticket identifies its place in a wait queue
     */
    public void await(RequestKey request, long ticket, Instant now) {
        Optional<Entry> entry = find(request);
        put(
                entry,
                request,
                head(WAITING, isCounted(entry), Long.BYTES, now.plus(LIFE)).putLong(ticket).array(),
                now);
    }

    /**
     * Records that the request has left a place in a wait queue. The request has ended, unless it
     * has another place or a job by now.
     */
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
     * Deletes entries that are too old; repeated calls reach all of them, at whatever rate new ones
     * come. Entries of waiting requests and running jobs are renewed for another 24 hours.
     *
     * @param entries lowest number of entries to visit, if there are as many
     */
    public void forget(Instant now, int entries) {
        int count = Math.max(entries, PACE * arrivals);
        arrivals = 0;
        for (Bytes place : segments.old(LIFE, count, now)) {
            byte @Nullable [] value = store.get(place);
            if (value != null && isLive(value, now)) {
                byte[] renewed = value.clone();
                if (state(value) == WAITING || state(value) == OPEN) {
                    ByteBuffer.wrap(renewed).putLong(1, now.plus(LIFE).toEpochMilli());
                }
                store.put(segments.add(Segments.key(place), now), renewed);
            }
            store.remove(place);
        }
    }

    /** Records that the request has become a job with a reservation. */
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

    /** The reservation of a request's running job; empty if it has none. */
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

    /** Records that the job of a reservation has ended. */
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

    private static boolean isLive(byte[] value, Instant now) {
        return switch (state(value)) {
            case ENDED -> now.isBefore(until(value));
            case DENIED ->
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
