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
 * StateEntries of one kind in the order in which they came: each is in the segment that was open
 * then, and a segment that is old enough is gone through once and dropped. So old entries are found
 * without looking at the others, and at the same pace as new ones come.
 *
 * <p>Most keys that are asked for are new, and looking for what is not there costs as much as
 * writing it: each segment has a Bloom filter in memory. That of a closed segment is in the store
 * as well, so only the entries of the open one are read at a start. Not safe for use by several
 * threads.
 */
public final class Segments {
    /** A segment is open no longer than this. */
    static final Duration LONGEST = Duration.ofHours(1);

    private static final int LEAST_BITS = 1 << 17;
    private static final int FIRST_BITS = 1 << 20;

    /** 16 MB, for 13 million keys: as many as a start reads in 20 seconds. */
    private static final int MOST_BITS = 1 << 27;

    private static final int GROWTH = 4;

    /** Filters are stored in parts that fit a changelog's record. */
    private static final int PART_LONGS = 8_192;

    private static final Instant OPEN = Instant.EPOCH;

    private final StateEntries store;
    private final byte kind;
    private final Deque<Segment> segments = new ArrayDeque<>();

    /** No two segments have had the same, dropped ones included. */
    private int nextId;

    /** A segment of entries. */
    private static final class Segment {
        private final int id;
        private final Instant opened;
        private final BloomFilter filter;
        private int keys;
        private Instant latest = OPEN;
        private boolean closed;

        /** StateEntries before this one were gone through. */
        private byte[] cursor = {};

        Segment(int id, Instant opened, BloomFilter filter) {
            this.id = id;
            this.opened = opened;
            this.filter = filter;
        }
    }

    /**
     * StateEntries as they are in the store.
     *
     * @param kind of their keys
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

    /** Where the entry of a key is; empty if there is none. */
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

    /** Where a new entry of a key goes. */
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
        // Half as many again may come.
        while (bits < MOST_BITS && BloomFilter.capacity(bits) < last.keys + last.keys / 2) {
            bits *= 2;
        }
        return bits;
    }

    /** Closes a segment that is full or has been open for long. */
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
     * The next entries of segments in which nothing has come for so long; they are not shown again.
     *
     * @param count at most so many
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

    /** Adds the next entries of a segment; whether there may be more. */
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
                    throw new IllegalStateException("a filter in the state store is not whole");
                }
                segment.filter.restore(from, part);
            }
        } else {
            // Nothing says when its last one came, but that it was before.
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

    /** The key of an entry. */
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
