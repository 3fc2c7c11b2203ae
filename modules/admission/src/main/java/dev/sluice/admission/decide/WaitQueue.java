package dev.sluice.admission.decide;

import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import dev.sluice.admission.validate.SourceRecords;
import dev.sluice.contract.SourceRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The wait queues: for each user and {@link WaitingFor} one first-in, first-out queue of requests.
 * A queue is stored as the numbers of its first and its next entry, so reading a queue, even an
 * empty one, never scans removed entries. A request's record is stored apart from its deadline, so
 * checking deadlines reads no contents. Not safe for use by several threads.
 */
public final class WaitQueue {
    private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final StateEntries store;
    private final Sweep sweep;
    private final Sweep queues;
    private final WaitCensus census;

    /**
     * The event that a queue's requests wait for.
     *
     * @param inKeys its bytes in store keys
     */
    public record WaitingFor(Bytes inKeys) {
        /** Settlements of running jobs, which may free money. */
        static final WaitingFor RESERVATIONS = of(WaitReason.RESERVATIONS);

        /** The next day, or a larger budget. */
        static final WaitingFor NEXT_DAY = of(WaitReason.BUDGET);

        /** Fewer requests of the user in the last hour. */
        static final WaitingFor RATE = of(WaitReason.RATE);

        private static WaitingFor of(WaitReason reason) {
            return new WaitingFor(Bytes.wrap(new byte[] {reason.inKeys()}));
        }

        /** Whether it is the outcome of an identical request. */
        boolean isOutcome() {
            return WaitReason.of(inKeys.get()[0]) == WaitReason.OUTCOME;
        }

        /** The outcome of an identical request. */
        static WaitingFor outcomeOf(ContentKey content) {
            byte[] key = content.bytes().get();
            return new WaitingFor(
                    Bytes.wrap(
                            ByteBuffer.allocate(1 + key.length)
                                    .put(WaitReason.OUTCOME.inKeys())
                                    .put(key)
                                    .array()));
        }
    }

    /**
     * A place in a queue.
     *
     * @param number larger than the numbers of all earlier places in the queue
     */
    private record Place(String user, WaitingFor waitingFor, long number) {
        Bytes key(byte kind) {
            byte[] name = waitingFor.inKeys().get();
            return StoreKeys.ofUser(
                    kind,
                    user,
                    ByteBuffer.allocate(name.length + Long.BYTES)
                            .put(name)
                            .putLong(number)
                            .array());
        }

        static Place of(Bytes key) {
            byte[] rest = StoreKeys.rest(key);
            int name = rest.length - Long.BYTES;
            return new Place(
                    StoreKeys.user(key),
                    new WaitingFor(Bytes.wrap(Arrays.copyOf(rest, name))),
                    ByteBuffer.wrap(rest).getLong(name));
        }
    }

    /**
     * The bounds of a queue.
     *
     * @param head number of the first entry
     * @param tail number of the next entry to be added
     */
    private record Numbers(long head, long tail) {
        static final Numbers NONE = new Numbers(0, 0);

        boolean isEmpty() {
            return head == tail;
        }
    }

    /** A waiting request. */
    public static final class Waiting {
        private final Place place;
        private final RequestKey request;
        private final Instant since;
        private final long ticket;
        private final SourceRecord source;

        private Waiting(
                Place place, RequestKey request, Instant since, long ticket, SourceRecord source) {
            this.place = place;
            this.request = request;
            this.since = since;
            this.ticket = ticket;
            this.source = source;
        }

        public RequestKey request() {
            return request;
        }

        public SourceRecord source() {
            return source;
        }

        /** Since when it waits in its queue. */
        public Instant since() {
            return since;
        }

        /** Why it waits. */
        public WaitReason reason() {
            return WaitReason.of(place.waitingFor().inKeys().get()[0]);
        }

        String user() {
            return request.user();
        }

        long ticket() {
            return ticket;
        }
    }

    /** An outcome that requests of a user wait for. */
    public record AwaitedOutcome(String user, ContentKey content) {}

    /**
     * @param census counts the requests that {@link #expired} visits
     */
    public WaitQueue(StateEntries store, WaitCensus census) {
        this.store = store;
        this.census = census;
        this.sweep = new Sweep(store, StoreKeys.WAITING);
        this.queues = new Sweep(store, StoreKeys.QUEUE);
    }

    /**
     * Adds a request at the end of a queue.
     *
     * @param ticket distinguishes this place from the same request's places in other queues
     * @param now since when the request waits here
     */
    public void add(
            RequestKey request,
            WaitingFor waitingFor,
            long ticket,
            Instant deadline,
            Instant now,
            SourceRecord source) {
        String user = request.user();
        Numbers numbers = numbers(user, waitingFor);
        Place place = new Place(user, waitingFor, numbers.tail());
        byte[] id = StoreKeys.utf8(request.requestId());
        store.put(
                place.key(StoreKeys.WAITING),
                ByteBuffer.allocate(3 * Long.BYTES + Integer.BYTES + id.length)
                        .putLong(millis(deadline))
                        .putLong(now.toEpochMilli())
                        .putLong(ticket)
                        .putInt(request.generation())
                        .put(id)
                        .array());
        store.put(place.key(StoreKeys.RECORD), SourceRecords.bytes(source));
        put(user, waitingFor, new Numbers(numbers.head(), numbers.tail() + 1));
    }

    /** Whether a queue has requests. */
    public boolean hasWaiting(String user, WaitingFor waitingFor) {
        return !numbers(user, waitingFor).isEmpty();
    }

    /** The first request of a queue. */
    public Optional<Waiting> first(String user, WaitingFor waitingFor) {
        Numbers numbers = numbers(user, waitingFor);
        return numbers.isEmpty()
                ? Optional.empty()
                : Optional.of(read(new Place(user, waitingFor, numbers.head())));
    }

    /** Removes a request from its queue; the queue's head moves to the next request. */
    public void remove(Waiting waiting) {
        Place place = waiting.place;
        store.remove(place.key(StoreKeys.WAITING));
        store.remove(place.key(StoreKeys.RECORD));
        Numbers numbers = numbers(place.user(), place.waitingFor());
        if (place.number() == numbers.head()) {
            long head = numbers.head() + 1;
            while (head < numbers.tail()
                    && hasLeft(new Place(place.user(), place.waitingFor(), head))) {
                head++;
            }
            put(place.user(), place.waitingFor(), new Numbers(head, numbers.tail()));
        }
    }

    private boolean hasLeft(Place place) {
        return store.get(place.key(StoreKeys.WAITING)) == null;
    }

    private Numbers numbers(String user, WaitingFor waitingFor) {
        byte @Nullable [] value = store.get(key(user, waitingFor));
        if (value == null) {
            return Numbers.NONE;
        }
        ByteBuffer in = ByteBuffer.wrap(value);
        return new Numbers(in.getLong(), in.getLong());
    }

    /**
     * Writes the bounds of a queue. An empty queue has no entry, and its numbers start at 0 again.
     */
    private void put(String user, WaitingFor waitingFor, Numbers numbers) {
        if (numbers.isEmpty()) {
            store.remove(key(user, waitingFor));
        } else {
            store.put(
                    key(user, waitingFor),
                    ByteBuffer.allocate(2 * Long.BYTES)
                            .putLong(numbers.head())
                            .putLong(numbers.tail())
                            .array());
        }
    }

    /** Moves {@link #look} back to the first queue. */
    public void beginAgain() {
        queues.beginAgain();
    }

    /**
     * Visits the next queues.
     *
     * @param count number of queues to visit
     * @param users receives each user with a queue that waits for money or for the rate
     * @param outcomes receives each outcome that requests wait for
     * @return whether all queues have been visited
     */
    public boolean look(int count, Consumer<String> users, Consumer<AwaitedOutcome> outcomes) {
        for (Bytes key : queues.next(count, (_, _) -> true)) {
            awaitedOutcome(key).ifPresentOrElse(outcomes, () -> users.accept(StoreKeys.user(key)));
        }
        return queues.isAtBeginning();
    }

    private static Optional<AwaitedOutcome> awaitedOutcome(Bytes key) {
        byte[] rest = StoreKeys.rest(key);
        return WaitReason.of(rest[0]) == WaitReason.OUTCOME
                ? Optional.of(
                        new AwaitedOutcome(
                                StoreKeys.user(key),
                                ContentKey.of(ByteBuffer.wrap(rest, 1, rest.length - 1))))
                : Optional.empty();
    }

    /**
     * Places of requests whose deadline has passed, among the next entries; repeated calls reach
     * all.
     */
    public List<Bytes> expired(Instant now, int entries) {
        List<Bytes> expired =
                sweep.next(
                        entries,
                        (key, value) -> {
                            ByteBuffer in = ByteBuffer.wrap(value);
                            boolean isExpired = in.getLong() <= now.toEpochMilli();
                            census.visit(WaitReason.of(StoreKeys.rest(key)[0]), in.getLong());
                            return isExpired;
                        });
        if (sweep.isAtBeginning()) {
            census.complete();
        }
        return expired;
    }

    /** The request at a place; empty if it has left. */
    public Optional<Waiting> find(Bytes place) {
        return store.get(place) == null ? Optional.empty() : Optional.of(read(Place.of(place)));
    }

    /** The deadline in milliseconds; later instants than a long can hold become the largest. */
    private static long millis(Instant deadline) {
        return deadline.isAfter(LAST) ? Long.MAX_VALUE : deadline.toEpochMilli();
    }

    private static Bytes key(String user, WaitingFor waitingFor) {
        return StoreKeys.ofUser(StoreKeys.QUEUE, user, waitingFor.inKeys().get());
    }

    private Waiting read(Place place) {
        ByteBuffer in = ByteBuffer.wrap(value(place, StoreKeys.WAITING)).position(Long.BYTES);
        Instant since = Instant.ofEpochMilli(in.getLong());
        long ticket = in.getLong();
        int generation = in.getInt();
        String id = StandardCharsets.UTF_8.decode(in).toString();
        return new Waiting(
                place,
                new RequestKey(place.user(), id, generation),
                since,
                ticket,
                SourceRecords.decoded(ByteBuffer.wrap(value(place, StoreKeys.RECORD))));
    }

    private byte[] value(Place place, byte kind) {
        byte @Nullable [] value = store.get(place.key(kind));
        if (value == null) {
            throw new IllegalStateException(
                    "the wait queue of " + place.user() + " has lost a request");
        }
        return value;
    }
}
