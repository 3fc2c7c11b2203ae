package dev.sluice.worker.consume;

import dev.sluice.worker.journal.JournalMarks;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * Encodes a {@link CommitFrontier} and the journal's marks as a committed offset with metadata, and
 * decodes them.
 *
 * <p>Invariants (F3 and F5 are those of docs/GUARANTEES.md):
 *
 * <ol>
 *   <li>The committed offset is the frontier's position.
 *   <li>Decoding an encoded frontier returns the same position, finished offsets and marks (F3).
 *   <li>The metadata never has more than {@value #MAX_CHARACTERS} characters (F3).
 *   <li>Without marks and without finished offsets beyond the position, the metadata is empty.
 *   <li>Metadata of Sluice that cannot be read is an error. Of metadata that others wrote, only the
 *       offset counts (F5).
 * </ol>
 *
 * <p>Format: {@code sluice1:} and then, in base64 without padding, one byte of flags, the marks if
 * there are any (32 bytes: floor, accounted, assignment), and the finished offsets. These are
 * written as a bitmap or as run lengths, whichever is shorter.
 *
 * <p>Example: the position is 10, the offsets 12 and 13 are finished, and there are no marks. The
 * committed offset is 10. Relative to it, bits 2 and 3 are set. The bitmap is one byte (0x0C) and
 * the run lengths would be two (2 clear, 2 set), so the bitmap is written. The bytes are 00 0C, and
 * the metadata is {@code sluice1:AAw}.
 */
public final class FrontierCodec {
    /** What brokers accept by default (offset.metadata.max.bytes). */
    public static final int MAX_CHARACTERS = 4_096;

    private static final String OURS = "sluice";
    private static final String PREFIX = OURS + "1:";
    private static final byte HAS_MARKS = 1;
    private static final byte HAS_RUNS = 2;
    private static final byte IN_ORDER = 4;
    private static final int MARKS_BYTES = 4 * Long.BYTES;

    /** The content of a commit. */
    public record Committed(CommitFrontier frontier, Optional<JournalMarks> marks) {}

    private FrontierCodec() {}

    /** The committed offset and metadata for a frontier and the journal's marks. */
    public static OffsetAndMetadata encode(CommitFrontier frontier, Optional<JournalMarks> marks) {
        return new OffsetAndMetadata(frontier.position(), metadata(frontier.beyond(), marks));
    }

    /**
     * The frontier and marks of a committed offset. Metadata that Sluice did not write, for
     * instance after an operator reset the group's offsets, is ignored: no offset beyond the
     * position is finished.
     *
     * @throws IllegalArgumentException if Sluice wrote the metadata and it is damaged or of an
     *     unknown version: continuing would repeat outcomes
     */
    public static Committed decode(OffsetAndMetadata committed) {
        String metadata = committed.metadata();
        if (!metadata.startsWith(OURS)) {
            return new Committed(CommitFrontier.at(committed.offset()), Optional.empty());
        }
        try {
            if (metadata.startsWith(PREFIX)) {
                return decoded(
                        committed.offset(),
                        ByteBuffer.wrap(
                                Base64.getDecoder().decode(metadata.substring(PREFIX.length()))));
            }
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "the committed metadata at offset " + committed.offset() + " is damaged", e);
        }
        throw new IllegalArgumentException(
                "the committed metadata at offset "
                        + committed.offset()
                        + " was written by another version of Sluice: run that version");
    }

    private static Committed decoded(long offset, ByteBuffer in) {
        byte form = in.get();
        Optional<JournalMarks> marks =
                (form & HAS_MARKS) == 0
                        ? Optional.empty()
                        : Optional.of(
                                new JournalMarks(
                                        in.getLong(),
                                        in.getLong(),
                                        new UUID(in.getLong(), in.getLong()),
                                        (form & IN_ORDER) != 0));
        BitSet beyond = (form & HAS_RUNS) == 0 ? BitSet.valueOf(in) : runs(in);
        return new Committed(CommitFrontier.of(offset, beyond), marks);
    }

    private static String metadata(BitSet beyond, Optional<JournalMarks> marks) {
        if (beyond.isEmpty() && marks.isEmpty()) {
            return "";
        }
        byte[] bitmap = beyond.toByteArray();
        byte[] runs = runs(beyond);
        boolean shorter = runs.length < bitmap.length;
        ByteBuffer out = ByteBuffer.allocate(1 + MARKS_BYTES + bitmap.length);
        out.put(
                (byte)
                        ((marks.isPresent() ? HAS_MARKS : 0)
                                | (shorter ? HAS_RUNS : 0)
                                | (marks.filter(JournalMarks::inOrder).isPresent()
                                        ? IN_ORDER
                                        : 0)));
        marks.ifPresent(some ->
                out.putLong(some.floor())
                        .putLong(some.accounted())
                        .putLong(some.assignment().getMostSignificantBits())
                        .putLong(some.assignment().getLeastSignificantBits()));
        out.put(shorter ? runs : bitmap);
        byte[] bytes = Arrays.copyOf(out.array(), out.position());
        return PREFIX + Base64.getEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Lengths of clear and set runs in turn, as unsigned varints, clear first. */
    private static byte[] runs(BitSet bits) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int from = 0;
        while (from < bits.length()) {
            int set = bits.nextSetBit(from);
            int clear = bits.nextClearBit(set);
            putVarint(out, set - from);
            putVarint(out, clear - set);
            from = clear;
        }
        return out.toByteArray();
    }

    private static BitSet runs(ByteBuffer in) {
        BitSet bits = new BitSet();
        int from = 0;
        while (in.hasRemaining()) {
            int set = from + varint(in);
            int clear = set + varint(in);
            if (set < from || clear < set || clear > CommitFrontier.WINDOW) {
                throw new IllegalArgumentException("a run is beyond the window");
            }
            bits.set(set, clear);
            from = clear;
        }
        return bits;
    }

    private static void putVarint(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.write((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    private static int varint(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; shift <= 28; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number is too long");
    }
}
