package dev.sluice.admission;

import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import dev.sluice.contract.SourceRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Requests that wait for money, each user's in two lines: those that wait for jobs under way, and
 * behind them those whose sender said that they may wait for the next day.
 */
final class WaitingRequests {
    private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final KeyValueStore<Bytes, byte[]> store;
    private final Sweep sweep;

    /** A user's line. */
    enum Line {
        IMPATIENT((byte) 0),
        PATIENT((byte) 1);

        private final byte inKeys;

        Line(byte inKeys) {
            this.inKeys = inKeys;
        }
    }

    /** A request that waits. */
    record Waiting(Bytes key, Instant deadline, SourceRecord source) {
        String user() {
            return StoreKeys.user(key);
        }
    }

    WaitingRequests(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
        this.sweep = new Sweep(store, StoreKeys.WAITING);
    }

    /**
     * Lets a request wait.
     *
     * @param ticket larger than those of all who wait before
     */
    void add(String user, Line line, long ticket, Instant deadline, SourceRecord source) {
        ByteBuffer record = SourceRecords.encoded(source);
        store.put(
                key(user, line, ticket),
                ByteBuffer.allocate(Long.BYTES + record.remaining())
                        .putLong(millis(deadline))
                        .put(record)
                        .array());
    }

    /** Who has waited longest in a line of the user's. */
    Optional<Waiting> first(String user, Line line) {
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(key(user, line, 0), key(user, line, Long.MAX_VALUE))) {
            return entries.hasNext() ? Optional.of(decoded(entries.next())) : Optional.empty();
        }
    }

    void remove(Waiting waiting) {
        store.delete(waiting.key());
    }

    /** Everybody who has a request that waits. */
    Set<String> users() {
        Set<String> users = new HashSet<>();
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(StoreKeys.from(StoreKeys.WAITING), StoreKeys.to(StoreKeys.WAITING))) {
            entries.forEachRemaining(entry -> users.add(StoreKeys.user(entry.key)));
        }
        return users;
    }

    /** Shows some requests whose deadline has passed; called again and again, all of them. */
    void expired(Instant now, int entries, Consumer<Waiting> look) {
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
        return StoreKeys.ofUser(
                StoreKeys.WAITING,
                user,
                ByteBuffer.allocate(1 + Long.BYTES).put(line.inKeys).putLong(ticket).array());
    }

    private static Waiting decoded(KeyValue<Bytes, byte[]> entry) {
        ByteBuffer value = ByteBuffer.wrap(entry.value);
        Instant deadline = Instant.ofEpochMilli(value.getLong());
        return new Waiting(entry.key, deadline, SourceRecords.decoded(value.slice()));
    }
}
