package dev.sluice.contract.serde;

import java.nio.ByteBuffer;

/**
 * Confluent's wire format of an Avro record: a zero byte, the schema id as a big-endian int, and
 * the Avro binary.
 */
public final class WireFormat {
    static final byte MAGIC = 0;

    /** Bytes before the Avro binary. */
    public static final int PREFIX_LENGTH = 5;

    private static final byte GUID_MAGIC = 1;

    private WireFormat() {}

    static byte[] prefix(int schemaId) {
        return ByteBuffer.allocate(PREFIX_LENGTH).put(MAGIC).putInt(schemaId).array();
    }

    /**
     * The schema id of a record.
     *
     * @throws UndecodableException if the bytes are not in this format
     */
    public static int schemaId(byte[] framed) {
        if (framed.length > 0 && framed[0] == GUID_MAGIC) {
            throw new UndecodableException(
                    "the record is framed with a schema GUID, which this serde does not read; have"
                            + " its producer use the prefix format (magic byte 0)",
                    null);
        }
        if (framed.length < PREFIX_LENGTH || framed[0] != MAGIC) {
            throw new UndecodableException(
                    "not Avro in Confluent's wire format: "
                            + (framed.length < PREFIX_LENGTH
                                    ? framed.length + " bytes"
                                    : "unknown magic byte " + framed[0]),
                    null);
        }
        return ByteBuffer.wrap(framed, 1, Integer.BYTES).getInt();
    }
}
