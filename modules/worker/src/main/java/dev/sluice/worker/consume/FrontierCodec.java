package dev.sluice.worker.consume;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.BitSet;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * A {@link CommitFrontier} as a committed offset with metadata: the position is the offset, what is
 * finished beyond it goes into the metadata as a bitmap or as run lengths, whichever is shorter.
 * Never more than {@value #MAX_CHARACTERS} characters.
 */
public final class FrontierCodec {
    /** What brokers take by default (offset.metadata.max.bytes). */
    public static final int MAX_CHARACTERS = 4_096;

    private static final String BITMAP = "sluice1:b:";
    private static final String RUNS = "sluice1:r:";

    private FrontierCodec() {}

    /** What to commit. */
    public static OffsetAndMetadata encode(CommitFrontier frontier) {
        return new OffsetAndMetadata(frontier.position(), metadata(frontier.beyond()));
    }

    /**
     * The frontier of a committed offset. Metadata that somebody else wrote, an operator who reset
     * the group for instance, says nothing of what is finished beyond the offset.
     *
     * @throws IllegalArgumentException if the metadata is Sluice's own and damaged: going on would
     *     repeat outcomes
     */
    public static CommitFrontier decode(OffsetAndMetadata committed) {
        String metadata = committed.metadata();
        try {
            if (metadata.startsWith(BITMAP)) {
                return CommitFrontier.of(
                        committed.offset(), BitSet.valueOf(bytes(metadata, BITMAP)));
            }
            if (metadata.startsWith(RUNS)) {
                return CommitFrontier.of(
                        committed.offset(), runs(ByteBuffer.wrap(bytes(metadata, RUNS))));
            }
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "the committed metadata at offset " + committed.offset() + " is damaged", e);
        }
        return CommitFrontier.at(committed.offset());
    }

    private static String metadata(BitSet beyond) {
        if (beyond.isEmpty()) {
            return "";
        }
        byte[] bitmap = beyond.toByteArray();
        byte[] runs = runs(beyond);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return runs.length < bitmap.length
                ? RUNS + base64.encodeToString(runs)
                : BITMAP + base64.encodeToString(bitmap);
    }

    private static byte[] bytes(String metadata, String prefix) {
        return Base64.getDecoder().decode(metadata.substring(prefix.length()));
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
