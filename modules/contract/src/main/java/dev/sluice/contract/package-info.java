/**
 * What crosses the wire: the generated Avro records, topic names and header names. Not {@code
 * NullMarked} as a whole: a generated record's optional fields are null, and it cannot say so.
 */
package dev.sluice.contract;
