package dev.sluice.admission.sharing;

import dev.sluice.admission.sharing.Shared.Answered;
import dev.sluice.admission.sharing.Shared.Leading;
import dev.sluice.admission.store.SeenKeys;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import dev.sluice.contract.Priority;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
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

    /** A job and its answer together; whoever asks the same later than this may be run again. */
    private static final Duration LONGEST = Duration.ofDays(3);

    private static final int HEAD = 1 + Long.BYTES;

    private final StateEntries store;
    private final Sweep sweep;
    private final long maxBytes;
    private final SeenKeys seen = new SeenKeys(LONGEST);
    private long bytes;

    /**
     * Answers as they are in the store.
     *
     * @param maxBytes what kept answers may take
     */
    public SharedOutcomes(StateEntries store, long maxBytes, Instant now) {
        this.store = store;
        this.sweep = new Sweep(store, StoreKeys.CONTENT);
        this.maxBytes = maxBytes;
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(StoreKeys.from(StoreKeys.CONTENT), StoreKeys.to(StoreKeys.CONTENT))) {
            entries.forEachRemaining(entry -> {
                bytes += size(entry.value);
                seen.add(entry.key, now);
            });
        }
    }

    /** What is known of an answer now; one that is too old is forgotten. */
    public Optional<Shared> find(String user, ContentKey content, Instant now) {
        Bytes key = key(user, content);
        byte[] value = seen.mayHave(key) ? store.get(key) : null;
        if (value == null) {
            return Optional.empty();
        }
        if (isOld(value, now)) {
            remove(key, value);
            return Optional.empty();
        }
        return Optional.of(decoded(value));
    }

    private static Shared decoded(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        byte kind = in.get();
        long number = in.getLong();
        if (kind == LEADING) {
            Priority priority = in.get() == 0 ? Priority.INTERACTIVE : Priority.BULK;
            String reservationId = StandardCharsets.UTF_8.decode(in).toString();
            return new Leading(reservationId, priority, Duration.ofMillis(number));
        }
        byte[] outcome = new byte[in.remaining()];
        in.get(outcome);
        return new Answered(kind == RESULT, Instant.ofEpochMilli(number), Bytes.wrap(outcome));
    }

    /** A job for what has no answer is under way from now on. */
    public void lead(String user, ContentKey content, Leading leading, Instant now) {
        byte[] reservationId = StoreKeys.utf8(leading.reservationId());
        Bytes key = key(user, content);
        seen.add(key, now);
        store.put(
                key,
                ByteBuffer.allocate(HEAD + 1 + reservationId.length)
                        .put(LEADING)
                        .putLong(leading.life().toMillis())
                        .put((byte) (leading.priority() == Priority.BULK ? 1 : 0))
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

    /** The answer for which a job was under way is there. */
    public void answer(String user, ContentKey content, Answered answered) {
        byte[] outcome = answered.value().get();
        byte[] value =
                ByteBuffer.allocate(HEAD + outcome.length)
                        .put(answered.isResult() ? RESULT : DEAD_LETTER)
                        .putLong(answered.until().toEpochMilli())
                        .put(outcome)
                        .array();
        store.put(key(user, content), value);
        bytes += size(value);
    }

    /** Nothing is known of it any more. */
    public void forget(String user, ContentKey content) {
        Bytes key = key(user, content);
        remove(key, store.get(key));
    }

    /** Forgets some answers that are too old; called again and again, all of them. */
    public void forgetOld(Instant now, int entries) {
        sweep.next(entries, value -> isOld(value, now)).forEach(key -> remove(key, store.get(key)));
    }

    private static boolean isOld(byte[] value, Instant now) {
        return value[0] != LEADING
                && ByteBuffer.wrap(value, 1, Long.BYTES).getLong() <= now.toEpochMilli();
    }

    private void remove(Bytes key, byte @Nullable [] value) {
        bytes -= size(value);
        store.remove(key);
    }

    private static long size(byte @Nullable [] value) {
        return value == null || value[0] == LEADING ? 0 : value.length;
    }

    private static Bytes key(String user, ContentKey content) {
        return StoreKeys.ofUser(StoreKeys.CONTENT, user, content.bytes().get());
    }
}
