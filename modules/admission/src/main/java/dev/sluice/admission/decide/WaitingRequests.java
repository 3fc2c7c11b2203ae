package dev.sluice.admission.decide;

import dev.sluice.admission.check.SourceRecords;
import dev.sluice.admission.ledger.Identity;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.admission.store.Entries;
import dev.sluice.admission.store.RecentlyUsed;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import dev.sluice.contract.SourceRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/** Requests that wait, each user's in lines of their own. */
public final class WaitingRequests {
    private static final int HEADS = 10_000;
    private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final Entries store;
    private final Sweep sweep;
    private final Sweep looks;

    /** Before which tickets nobody is left in a line: looking through all who left takes time. */
    private final Map<Bytes, Long> heads = new RecentlyUsed<>(HEADS);

    /** Where a user's requests wait for the same thing, in their order. */
    public record Line(Bytes inKeys) {
        /** For jobs under way to leave money. */
        static final Line IMPATIENT = new Line(Bytes.wrap(new byte[] {0}));

        /** For the next day, or a larger budget. */
        static final Line PATIENT = new Line(Bytes.wrap(new byte[] {1}));

        /** Until fewer have come in the last hour. */
        static final Line PACED = new Line(Bytes.wrap(new byte[] {2}));

        private static final byte BEHIND = 3;

        /** Whether it is for another's outcome. */
        boolean isBehind() {
            return inKeys.get()[0] == BEHIND;
        }

        /** For the outcome of another request that asks the same. */
        static Line behind(ContentKey content) {
            byte[] key = content.bytes().get();
            return new Line(
                    Bytes.wrap(ByteBuffer.allocate(1 + key.length).put(BEHIND).put(key).array()));
        }
    }

    /** A request that waits. */
    public record Waiting(Bytes key, Identity request, SourceRecord source) {
        String user() {
            return request.user();
        }

        long ticket() {
            return ticketIn(key);
        }
    }

    /** Whom a user's requests wait behind. */
    public record Behind(String user, ContentKey content) {}

    public WaitingRequests(Entries store) {
        this.store = store;
        this.sweep = new Sweep(store, StoreKeys.WAITING);
        this.looks = new Sweep(store, StoreKeys.WAITING);
    }

    /**
     * Lets a request wait.
     *
     * @param ticket larger than those of all who wait before
     */
    public void add(
            Identity request, Line line, long ticket, Instant deadline, SourceRecord source) {
        String user = request.user();
        byte[] id = StoreKeys.utf8(request.requestId());
        ByteBuffer record = SourceRecords.encoded(source);
        // Tickets begin again once nothing is known of a user any more.
        heads.computeIfPresent(key(user, line, 0), (_, head) -> Math.min(head, ticket));
        store.put(
                key(user, line, ticket),
                ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + id.length + record.remaining())
                        .putLong(millis(deadline))
                        .putInt(request.generation())
                        .putInt(id.length)
                        .put(id)
                        .put(record)
                        .array());
    }

    /** Who has waited longest in a line of the user's. */
    public Optional<Waiting> first(String user, Line line) {
        Bytes name = key(user, line, 0);
        long head = heads.getOrDefault(name, 0L);
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(key(user, line, head), key(user, line, Long.MAX_VALUE))) {
            if (!entries.hasNext()) {
                return Optional.empty();
            }
            KeyValue<Bytes, byte[]> first = entries.next();
            heads.put(name, ticketIn(first.key));
            return Optional.of(decoded(first));
        }
    }

    public void remove(Waiting waiting) {
        store.remove(waiting.key());
    }

    /** The next look is at those who wait first in the store. */
    public void beginAgain() {
        looks.beginAgain();
    }

    /**
     * Shows whose requests wait, some at a time: there may be millions, and each is read.
     *
     * @param users is told who has one that waits for money or for its hour
     * @param answers is told what others wait for
     * @return whether all have been shown
     */
    public boolean look(int entries, Consumer<String> users, Consumer<Behind> answers) {
        for (Bytes key : looks.next(entries, _ -> true)) {
            behind(key).ifPresentOrElse(answers, () -> users.accept(StoreKeys.user(key)));
        }
        return looks.isAtBeginning();
    }

    private static Optional<Behind> behind(Bytes key) {
        byte[] rest = StoreKeys.rest(key);
        return rest[0] == Line.BEHIND
                ? Optional.of(
                        new Behind(
                                StoreKeys.user(key),
                                ContentKey.of(
                                        ByteBuffer.wrap(rest, 1, rest.length - 1 - Long.BYTES))))
                : Optional.empty();
    }

    /** Shows some requests whose deadline has passed; called again and again, all of them. */
    public void expired(Instant now, int entries, Consumer<Waiting> look) {
        for (Bytes key :
                sweep.next(
                        entries, value -> ByteBuffer.wrap(value).getLong() <= now.toEpochMilli())) {
            look.accept(decoded(KeyValue.pair(key, store.get(key))));
        }
    }

    /** Upstream may name any instant, also one beyond what milliseconds can say. */
    private static long millis(Instant deadline) {
        return deadline.isAfter(LAST) ? Long.MAX_VALUE : deadline.toEpochMilli();
    }

    private static Bytes key(String user, Line line, long ticket) {
        byte[] name = line.inKeys().get();
        return StoreKeys.ofUser(
                StoreKeys.WAITING,
                user,
                ByteBuffer.allocate(name.length + Long.BYTES).put(name).putLong(ticket).array());
    }

    private static long ticketIn(Bytes key) {
        byte[] bytes = key.get();
        return ByteBuffer.wrap(bytes).getLong(bytes.length - Long.BYTES);
    }

    private static Waiting decoded(KeyValue<Bytes, byte[]> entry) {
        ByteBuffer in = ByteBuffer.wrap(entry.value).position(Long.BYTES);
        int generation = in.getInt();
        byte[] id = new byte[in.getInt()];
        in.get(id);
        return new Waiting(
                entry.key,
                new Identity(
                        StoreKeys.user(entry.key),
                        new String(id, StandardCharsets.UTF_8),
                        generation),
                SourceRecords.decoded(in.slice()));
    }
}
