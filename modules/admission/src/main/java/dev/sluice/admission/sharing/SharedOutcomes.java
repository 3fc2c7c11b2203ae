package dev.sluice.admission.sharing;

import dev.sluice.admission.sharing.Shared.Answered;
import dev.sluice.admission.sharing.Shared.Leading;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import dev.sluice.contract.Lane;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Which answers are on their way or kept, by user and by what was asked, in admission's one state
 * store. Kept answers are bounded by bytes: beyond these, new ones answer only those who wait
 * already.
 */
public final class SharedOutcomes {
    private static final byte LEADING = 1;
    private static final byte RESULT = 2;
    private static final byte DEAD_LETTER = 3;
    private static final int HEAD = 1 + Long.BYTES;

    private final KeyValueStore<Bytes, byte[]> store;
    private final Sweep sweep;
    private final long maxBytes;
    private long bytes;

    /**
     * @param maxBytes what kept answers may take
     */
    public SharedOutcomes(KeyValueStore<Bytes, byte[]> store, long maxBytes) {
        this.store = store;
        this.sweep = new Sweep(store, StoreKeys.CONTENT);
        this.maxBytes = maxBytes;
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(StoreKeys.from(StoreKeys.CONTENT), StoreKeys.to(StoreKeys.CONTENT))) {
            entries.forEachRemaining(entry -> bytes += size(entry.value));
        }
    }

    /** What is known of an answer now. */
    public Optional<Shared> find(String user, ContentKey content, Instant now) {
        byte[] value = store.get(key(user, content));
        if (value == null) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(value);
        byte kind = in.get();
        long number = in.getLong();
        if (kind == LEADING) {
            Lane lane = in.get() == 0 ? Lane.INTERACTIVE : Lane.BULK;
            String reservationId = StandardCharsets.UTF_8.decode(in).toString();
            return Optional.of(new Leading(reservationId, lane, Duration.ofMillis(number)));
        }
        if (number <= now.toEpochMilli()) {
            return Optional.empty();
        }
        byte[] outcome = new byte[in.remaining()];
        in.get(outcome);
        return Optional.of(
                new Answered(kind == RESULT, Instant.ofEpochMilli(number), Bytes.wrap(outcome)));
    }

    /** A job for it is under way from now on. */
    public void lead(String user, ContentKey content, Leading leading) {
        byte[] reservationId = StoreKeys.utf8(leading.reservationId());
        replace(
                user,
                content,
                ByteBuffer.allocate(HEAD + 1 + reservationId.length)
                        .put(LEADING)
                        .putLong(leading.life().toMillis())
                        .put((byte) (leading.lane() == Lane.BULK ? 1 : 0))
                        .put(reservationId)
                        .array());
    }

    /**
     * Whether so much more can be kept for those who will ask.
     *
     * @param more bytes
     */
    public boolean hasRoom(int more) {
        return bytes + more <= maxBytes;
    }

    /** The answer is there. */
    public void answer(String user, ContentKey content, Answered answered) {
        replace(
                user,
                content,
                ByteBuffer.allocate(HEAD + answered.value().get().length)
                        .put(answered.isResult() ? RESULT : DEAD_LETTER)
                        .putLong(answered.until().toEpochMilli())
                        .put(answered.value().get())
                        .array());
    }

    /** Nothing is known of it any more. */
    public void forget(String user, ContentKey content) {
        remove(key(user, content));
    }

    /** Forgets some answers that are too old; called again and again, all of them. */
    public void forgetOld(Instant now, int entries) {
        sweep.next(entries, value -> isOld(value, now)).forEach(this::remove);
    }

    private static boolean isOld(byte[] value, Instant now) {
        return value[0] != LEADING
                && ByteBuffer.wrap(value, 1, Long.BYTES).getLong() <= now.toEpochMilli();
    }

    private void replace(String user, ContentKey content, byte[] value) {
        Bytes key = key(user, content);
        bytes += size(value) - size(store.get(key));
        store.put(key, value);
    }

    private void remove(Bytes key) {
        bytes -= size(store.get(key));
        store.put(key, null);
    }

    private static long size(byte @Nullable [] value) {
        return value == null || value[0] == LEADING ? 0 : value.length;
    }

    private static Bytes key(String user, ContentKey content) {
        return StoreKeys.ofUser(StoreKeys.CONTENT, user, content.bytes().get());
    }
}
