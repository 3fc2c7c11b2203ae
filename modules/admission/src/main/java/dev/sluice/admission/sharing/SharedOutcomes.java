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
 * Outcomes that are pending or stored, by user and content, in admission's state store. Stored
 * outcomes are bounded by bytes; beyond the bound, a new outcome is given only to requests that
 * already wait. Not safe for use by several threads.
 */
public final class SharedOutcomes {
    private static final byte LEADING = 1;
    private static final byte RESULT = 2;
    private static final byte DEAD_LETTER = 3;

    /**
     * Longest life of an entry, from the start of the job to the end of sharing; an identical
     * request that comes later may run again.
     */
    private static final Duration LONGEST = Duration.ofDays(3);

    private static final int HEAD = 1 + Long.BYTES;

    /** Calls, ten a second, between two rounds that delete old entries. */
    private static final int REST = 100;

    private final StateEntries store;
    private final Sweep sweep;
    private final long maxBytes;
    private final SeenKeys seen = new SeenKeys(LONGEST);
    private long bytes;

    /**
     * Opens the entries in the store.
     *
     * @param maxBytes largest size of stored outcomes
     */
    public SharedOutcomes(StateEntries store, long maxBytes, Instant now) {
        this.store = store;
        this.sweep = new Sweep(store, StoreKeys.CONTENT, REST);
        this.maxBytes = maxBytes;
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(StoreKeys.from(StoreKeys.CONTENT), StoreKeys.to(StoreKeys.CONTENT))) {
            entries.forEachRemaining(entry -> {
                bytes += size(entry.value);
                seen.add(entry.key, now);
            });
        }
    }

    /** The current state of an outcome; deletes it if it is too old. */
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

    /** Records that a job for this content is running. */
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
     * Whether the bound leaves room for a stored outcome.
     *
     * @param more its size in bytes
     */
    public boolean hasRoom(int more) {
        return bytes + more <= maxBytes;
    }

    /** Stores the outcome of a job. */
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

    /** Deletes the entry of this content. */
    public void forget(String user, ContentKey content) {
        Bytes key = key(user, content);
        remove(key, store.get(key));
    }

    /** Deletes old outcomes among the next entries; repeated calls reach all of them. */
    public void forgetOld(Instant now, int entries) {
        sweep.next(entries, (_, value) -> isOld(value, now))
                .forEach(key -> remove(key, store.get(key)));
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
