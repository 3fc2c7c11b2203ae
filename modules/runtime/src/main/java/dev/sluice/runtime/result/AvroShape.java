package dev.sluice.runtime.result;

import java.util.List;

/** The shape of a JSON value for which an Avro type exists. */
sealed interface AvroShape {
    /** A JSON string, enums included; Avro string. */
    record Text() implements AvroShape {}

    /** A JSON integer within 64 bits; Avro long. */
    record Int() implements AvroShape {}

    /** A JSON number; Avro double. */
    record Decimal() implements AvroShape {}

    /** A JSON boolean; Avro boolean. */
    record Bool() implements AvroShape {}

    /** A JSON array of one kind of item; Avro array. */
    record Sequence(AvroShape item, boolean nullableItems) implements AvroShape {}

    /** A JSON object with a fixed set of fields; Avro record. */
    record Structure(String name, String doc, List<Member> members) implements AvroShape {
        public Structure {
            members = List.copyOf(members);
        }
    }

    /**
     * A field of a structure. It is nullable or optional, never both, because Avro has one null for
     * the two cases and could not distinguish them on the way back.
     */
    record Member(String name, String doc, AvroShape shape, boolean optional, boolean nullable) {}
}
