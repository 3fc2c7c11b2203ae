package dev.sluice.runtime.result;

import java.util.List;

/** The shape of a JSON value that has an Avro counterpart. */
sealed interface Form {
    /** A JSON string, enums included; Avro string. */
    record Text() implements Form {}

    /** A JSON integer within 64 bits; Avro long. */
    record Whole() implements Form {}

    /** A JSON number; Avro double. */
    record Decimal() implements Form {}

    /** A JSON boolean; Avro boolean. */
    record Truth() implements Form {}

    /** A JSON array of one kind of item; Avro array. */
    record Sequence(Form item, boolean nullableItems) implements Form {}

    /** A JSON object with a fixed set of fields; Avro record. */
    record Structure(String name, String doc, List<Member> members) implements Form {
        public Structure {
            members = List.copyOf(members);
        }
    }

    /**
     * A field of a structure. It is nullable or optional, never both: Avro has one null for the two
     * and could not tell them apart again.
     */
    record Member(String name, String doc, Form form, boolean optional, boolean nullable) {}
}
