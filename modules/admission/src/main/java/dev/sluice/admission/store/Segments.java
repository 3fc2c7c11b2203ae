package dev.sluice.admission.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * Entries of one kind, grouped into segments by the time at which they came. Old entries are found
 * without reading the others: a segment that is old enough is visited once and then dropped, so
 * cleanup keeps pace with new entries.
 *
 * <p>Each segment has a Bloom filter in memory, because most keys that are looked up are new, and a
 * lookup of a missing key costs as much as a write. The filter of a closed segment is also stored,
 * so a start reads only the entries of the open segment. Not safe for use by several threads.
 *
 * <p>Example: a segment opened at 10:00 is closed at 11:00, or earlier if its filter is full. The
 * first filter has 1,048,576 bits and is full after 104,857 keys; the next one has four times the
 * bits. If the last key came at 10:59, {@link #old} with an age of 24 hours returns its entries
 * from 10:59 of the next day on.
 */
public final class Segments {
    /** Longest time for which a segment is open. */
    static final Duration LONGEST = Duration.ofHours(1);

    private static final int LEAST_BITS = 1 << 17;
    private static final int FIRST_BITS = 1 << 20;

    /** 16 MiB, for 13 million keys: the number that a start can read in 20 seconds. */
    private static final int MOST_BITS = 1 << 27;

    private static final int GROWTH = 4;

    /** Filters are stored in parts of this size, which fit into a changelog record. */
    private static final int PART_LONGS = 8_192;

    private static final Instant OPEN = Instant.EPOCH;

    private final StateEntries store;
    private final byte kind;
    private final Deque<Segment> segments = new ArrayDeque<>();

    /** Id of the next segment; ids of dropped segments are not used again. */
    private int nextId;

    /** A segment and its filter. */
    private static final class Segment {
        private final int id;
        private final Instant opened;
        private final BloomFilter filter;
        private int keys;
        private Instant latest = OPEN;
        private boolean closed;

        /** Key of the next entry to visit; empty before the first. */
        private byte[] cursor = {};

        Segment(int id, Instant opened, BloomFilter filter) {
            this.id = id;
            this.opened = opened;
            this.filter = filter;
        }
    }

    /**
     * Opens the segments in the store.
     *
     * @param kind prefix of the entries' keys
     */
    public Segments(StateEntries store, byte kind, Instant now) {
        this.store = store;
        this.kind = kind;
        List<KeyValue<Bytes, byte[]>> known = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> found =
                store.range(StoreKeys.from(StoreKeys.SEGMENT), StoreKeys.to(StoreKeys.SEGMENT))) {
            found.forEachRemaining(known::add);
        }
        known.forEach(entry -> segments.addLast(read(entry, now)));
        nextId = segments.isEmpty() ? 0 : segments.getLast().id + 1;
    }

    /** The store key of an entry; empty if there is no entry. */
    public Optional<Bytes> find(byte[] key) {
        BloomFilter.Hashes hashes = BloomFilter.Hashes.of(key);
        Iterator<Segment> latestFirst = segments.descendingIterator();
        while (latestFirst.hasNext()) {
            Segment segment = latestFirst.next();
            if (segment.filter.mayHave(hashes)) {
                Bytes place = place(segment, key);
                if (store.get(place) != null) {
                    return Optional.of(place);
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Adds a key to the open segment.
     *
     * @return the store key of its new entry
     */
    public Bytes add(byte[] key, Instant now) {
        closeOld(now);
        Segment open = segments.peekLast();
        if (open == null || open.closed) {
            open = new Segment(nextId++, now, new BloomFilter(nextBits(open)));
            segments.addLast(open);
            write(open);
        }
        open.filter.add(BloomFilter.Hashes.of(key));
        open.keys++;
        open.latest = now.isAfter(open.latest) ? now : open.latest;
        return place(open, key);
    }

    private static int nextBits(@Nullable Segment last) {
        if (last == null) {
            return FIRST_BITS;
        }
        if (last.keys >= last.filter.capacity()) {
            return Math.min(MOST_BITS, last.filter.size() * GROWTH);
        }
        int bits = LEAST_BITS;
        // Leave room for half as many keys again.
        while (bits < MOST_BITS && BloomFilter.capacity(bits) < last.keys + last.keys / 2) {
            bits *= 2;
        }
        return bits;
    }

    /** Closes the open segment if it is full or has been open for {@link #LONGEST}. */
    private void closeOld(Instant now) {
        Segment last = segments.peekLast();
        if (last == null || last.closed) {
            return;
        }
        boolean full = last.keys >= last.filter.capacity();
        if (full || !now.isBefore(last.opened.plus(LONGEST))) {
            last.closed = true;
            for (int from = 0; from < last.filter.longs(); from += PART_LONGS) {
                store.put(part(last, from), last.filter.part(from, PART_LONGS));
            }
            write(last);
        }
    }

    /**
     * The next entries of closed segments whose last key is older than an age. Each entry is
     * returned once.
     *
     * @param count largest number of entries
     */
    public List<Bytes> old(Duration age, int count, Instant now) {
        closeOld(now);
        List<Bytes> found = new ArrayList<>();
        Iterator<Segment> oldestFirst = segments.iterator();
        while (oldestFirst.hasNext() && found.size() < count) {
            Segment segment = oldestFirst.next();
            if (segment.closed && !segment.latest.plus(age).isAfter(now)) {
                int before = found.size();
                if (next(segment, count - before, found)) {
                    write(segment);
                } else {
                    oldestFirst.remove();
                    drop(segment);
                }
            }
        }
        return found;
    }

    /** Adds the next entries of a segment; returns whether there may be more. */
    private boolean next(Segment segment, int count, List<Bytes> found) {
        int before = found.size();
        Bytes from =
                segment.cursor.length == 0
                        ? place(segment, new byte[0])
                        : Bytes.wrap(segment.cursor);
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(from, place(segment.id + 1, new byte[0]))) {
            while (entries.hasNext() && found.size() - before < count) {
                found.add(entries.next().key);
            }
        }
        if (found.size() - before < count) {
            return false;
        }
        byte[] last = found.getLast().get();
        segment.cursor = Arrays.copyOf(last, last.length + 1);
        return true;
    }

    private void drop(Segment segment) {
        for (int from = 0; from < segment.filter.longs(); from += PART_LONGS) {
            store.remove(part(segment, from));
        }
        store.remove(name(StoreKeys.SEGMENT, segment.id, 0));
    }

    private void write(Segment segment) {
        store.put(
                name(StoreKeys.SEGMENT, segment.id, 0),
                ByteBuffer.allocate(2 + 2 * Long.BYTES + 2 * Integer.BYTES + segment.cursor.length)
                        .put(EntryVersion.CURRENT)
                        .put((byte) (segment.closed ? 1 : 0))
                        .putLong(segment.opened.toEpochMilli())
                        .putLong(segment.latest.toEpochMilli())
                        .putInt(segment.keys)
                        .putInt(segment.filter.size())
                        .put(segment.cursor)
                        .array());
    }

    private Segment read(KeyValue<Bytes, byte[]> entry, Instant now) {
        int id = ByteBuffer.wrap(entry.key.get()).getInt(1);
        ByteBuffer in = EntryVersion.after(entry.value);
        boolean closed = in.get() == 1;
        Instant opened = Instant.ofEpochMilli(in.getLong());
        Instant latest = Instant.ofEpochMilli(in.getLong());
        int keys = in.getInt();
        Segment segment = new Segment(id, opened, new BloomFilter(in.getInt()));
        segment.closed = closed;
        if (closed) {
            segment.keys = keys;
            segment.latest = latest;
            segment.cursor = new byte[in.remaining()];
            in.get(segment.cursor);
            for (int from = 0; from < segment.filter.longs(); from += PART_LONGS) {
                byte @Nullable [] part = store.get(part(segment, from));
                if (part == null) {
                    throw new IllegalStateException(
                            "a Bloom filter in the state store is incomplete");
                }
                segment.filter.restore(from, part);
            }
        } else {
            // The time of the last key is not stored; it is at most now.
            segment.latest = now;
            readKeys(segment);
        }
        return segment;
    }

    private void readKeys(Segment open) {
        Bytes from = place(open, new byte[0]);
        try (KeyValueIterator<Bytes, byte[]> entries =
                store.range(from, place(open.id + 1, new byte[0]))) {
            entries.forEachRemaining(entry -> {
                open.filter.add(BloomFilter.Hashes.of(key(entry.key)));
                open.keys++;
            });
        }
    }

    /** The key of an entry, from its store key. */
    public static byte[] key(Bytes place) {
        byte[] bytes = place.get();
        return Arrays.copyOfRange(bytes, 1 + Integer.BYTES, bytes.length);
    }

    private Bytes place(Segment segment, byte[] key) {
        return place(segment.id, key);
    }

    private Bytes place(int segment, byte[] key) {
        return Bytes.wrap(
                ByteBuffer.allocate(1 + Integer.BYTES + key.length)
                        .put(kind)
                        .putInt(segment)
                        .put(key)
                        .array());
    }

    private static Bytes part(Segment segment, int from) {
        return name(StoreKeys.FILTER, segment.id, from);
    }

    private static Bytes name(byte of, int segment, int part) {
        return Bytes.wrap(
                ByteBuffer.allocate(1 + 2 * Integer.BYTES)
                        .put(of)
                        .putInt(segment)
                        .putInt(part)
                        .array());
    }
}
