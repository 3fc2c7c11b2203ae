package dev.sluice.admission.decide;

import dev.sluice.admission.check.Identity;
import dev.sluice.admission.store.KnownKeys;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.store.Sweep;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Which requests came in the last day, so that a record that upstream writes twice is worked on
 * once. By the clock, not by records' times: one record from the future would make all of them
 * forgotten.
 */
public final class SeenRequests {
    private static final Duration LIFE = Duration.ofHours(24);

    private final KeyValueStore<Bytes, byte[]> store;
    private final Sweep sweep;
    private final KnownKeys known = new KnownKeys(LIFE);

    public SeenRequests(KeyValueStore<Bytes, byte[]> store, Instant now) {
        this.store = store;
        this.sweep = new Sweep(store, StoreKeys.SEEN);
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(StoreKeys.from(StoreKeys.SEEN), StoreKeys.to(StoreKeys.SEEN))) {
            entries.forEachRemaining(entry -> known.add(entry.key, now));
        }
    }

    public boolean contains(Identity identity, Instant now) {
        Bytes key = key(identity);
        if (!known.mayHave(key)) {
            return false;
        }
        byte[] until = store.get(key);
        return until != null && isLive(until, now);
    }

    public void add(Identity identity, Instant now) {
        Bytes key = key(identity);
        known.add(key, now);
        store.put(
                key,
                ByteBuffer.allocate(Long.BYTES).putLong(now.plus(LIFE).toEpochMilli()).array());
    }

    /** Forgets some of what is too old; called again and again it comes round to everything. */
    public void forget(Instant now, int entries) {
        sweep.next(entries, until -> !isLive(until, now)).forEach(store::delete);
    }

    private static boolean isLive(byte[] until, Instant now) {
        return now.toEpochMilli() < ByteBuffer.wrap(until).getLong();
    }

    private static Bytes key(Identity identity) {
        byte[] requestId = StoreKeys.utf8(identity.requestId());
        return StoreKeys.ofUser(
                StoreKeys.SEEN,
                identity.user(),
                ByteBuffer.allocate(requestId.length + 1 + Integer.BYTES)
                        .put(requestId)
                        .put((byte) 0)
                        .putInt(identity.generation())
                        .array());
    }
}
