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
 * Requests that wait, each user's in lines of their own. A line is where its first and its next one
 * stand, so that no look at it, an empty one included, goes through what was removed. A request's
 * record is apart from what is told of it: looking at deadlines reads no contents. Not safe for use
 * by several threads.
 */
public final class WaitQueue {
    private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final StateEntries store;
    private final Sweep sweep;
    private final Sweep looks;

    /** Where a user's requests wait for the same thing, in their order. */
    public record WaitingFor(Bytes inKeys) {
        /** For jobs under way to leave money. */
        static final WaitingFor RESERVATIONS = new WaitingFor(Bytes.wrap(new byte[] {0}));

        /** For the next day, or a larger budget. */
        static final WaitingFor NEXT_DAY = new WaitingFor(Bytes.wrap(new byte[] {1}));

        /** Until fewer have come in the last hour. */
        static final WaitingFor RATE = new WaitingFor(Bytes.wrap(new byte[] {2}));

        private static final byte BEHIND = 3;

        /** Whether it is for another's outcome. */
        boolean isBehind() {
            return inKeys.get()[0] == BEHIND;
        }

        /** For the outcome of another request that asks the same. */
        static WaitingFor behind(ContentKey content) {
            byte[] key = content.bytes().get();
            return new WaitingFor(
                    Bytes.wrap(ByteBuffer.allocate(1 + key.length).put(BEHIND).put(key).array()));
        }
    }

    /**
     * Where a request waits.
     *
     * @param number larger than those of all before it in the line
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
     * The numbers of those in a waitingFor.
     *
     * @param head of the first
     * @param tail of the next that comes
     */
    private record Numbers(long head, long tail) {
        static final Numbers NONE = new Numbers(0, 0);

        boolean isEmpty() {
            return head == tail;
        }
    }

    /** A request that waits. */
    public static final class Waiting {
        private final Place place;
        private final RequestKey request;
        private final long ticket;
        private final SourceRecord source;

        private Waiting(Place place, RequestKey request, long ticket, SourceRecord source) {
            this.place = place;
            this.request = request;
            this.ticket = ticket;
            this.source = source;
        }

        public RequestKey request() {
            return request;
        }

        public SourceRecord source() {
            return source;
        }

        String user() {
            return request.user();
        }

        long ticket() {
            return ticket;
        }
    }

    /** Whom a user's requests wait behind. */
    public record Behind(String user, ContentKey content) {}

    public WaitQueue(StateEntries store) {
        this.store = store;
        this.sweep = new Sweep(store, StoreKeys.WAITING);
        this.looks = new Sweep(store, StoreKeys.LINE);
    }

    /**
     * Lets a request wait.
     *
     * @param ticket tells it from the same request in another line
     */
    public void add(
            RequestKey request,
            WaitingFor waitingFor,
            long ticket,
            Instant deadline,
            SourceRecord source) {
        String user = request.user();
        Numbers numbers = numbers(user, waitingFor);
        Place place = new Place(user, waitingFor, numbers.tail());
        byte[] id = StoreKeys.utf8(request.requestId());
        store.put(
                place.key(StoreKeys.WAITING),
                ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES + id.length)
                        .putLong(millis(deadline))
                        .putLong(ticket)
                        .putInt(request.generation())
                        .put(id)
                        .array());
        store.put(place.key(StoreKeys.RECORD), SourceRecords.bytes(source));
        put(user, waitingFor, new Numbers(numbers.head(), numbers.tail() + 1));
    }

    /** Whether somebody waits in a line of the user's. */
    public boolean isAnybodyIn(String user, WaitingFor waitingFor) {
        return !numbers(user, waitingFor).isEmpty();
    }

    /** Who has waited longest in a line of the user's. */
    public Optional<Waiting> first(String user, WaitingFor waitingFor) {
        Numbers numbers = numbers(user, waitingFor);
        return numbers.isEmpty()
                ? Optional.empty()
                : Optional.of(read(new Place(user, waitingFor, numbers.head())));
    }

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

    /** Nothing is known of an empty waitingFor: its numbers begin again. */
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

    /** The next look is at those who wait first in the store. */
    public void beginAgain() {
        looks.beginAgain();
    }

    /**
     * Shows whose requests wait, some lines at a time.
     *
     * @param users is told who has one that waits for money or for its hour
     * @param answers is told what others wait for
     * @return whether all have been shown
     */
    public boolean look(int lines, Consumer<String> users, Consumer<Behind> answers) {
        for (Bytes key : looks.next(lines, _ -> true)) {
            behind(key).ifPresentOrElse(answers, () -> users.accept(StoreKeys.user(key)));
        }
        return looks.isAtBeginning();
    }

    private static Optional<Behind> behind(Bytes key) {
        byte[] rest = StoreKeys.rest(key);
        return rest[0] == WaitingFor.BEHIND
                ? Optional.of(
                        new Behind(
                                StoreKeys.user(key),
                                ContentKey.of(ByteBuffer.wrap(rest, 1, rest.length - 1))))
                : Optional.empty();
    }

    /** Where some wait whose deadline has passed; called again and again, all of them. */
    public List<Bytes> expired(Instant now, int entries) {
        return sweep.next(entries, value -> ByteBuffer.wrap(value).getLong() <= now.toEpochMilli());
    }

    /** Who waits at a place; empty if nobody does any more. */
    public Optional<Waiting> find(Bytes place) {
        return store.get(place) == null ? Optional.empty() : Optional.of(read(Place.of(place)));
    }

    /** Upstream may name any instant, also one beyond what milliseconds can say. */
    private static long millis(Instant deadline) {
        return deadline.isAfter(LAST) ? Long.MAX_VALUE : deadline.toEpochMilli();
    }

    private static Bytes key(String user, WaitingFor waitingFor) {
        return StoreKeys.ofUser(StoreKeys.LINE, user, waitingFor.inKeys().get());
    }

    private Waiting read(Place place) {
        ByteBuffer in = ByteBuffer.wrap(value(place, StoreKeys.WAITING)).position(Long.BYTES);
        long ticket = in.getLong();
        int generation = in.getInt();
        String id = StandardCharsets.UTF_8.decode(in).toString();
        return new Waiting(
                place,
                new RequestKey(place.user(), id, generation),
                ticket,
                SourceRecords.decoded(ByteBuffer.wrap(value(place, StoreKeys.RECORD))));
    }

    private byte[] value(Place place, byte kind) {
        byte @Nullable [] value = store.get(place.key(kind));
        if (value == null) {
            throw new IllegalStateException(
                    "a line of " + place.user() + " has lost one who waits");
        }
        return value;
    }
}
