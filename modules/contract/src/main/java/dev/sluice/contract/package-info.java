/**
 * The contract between Sluice and other systems: generated Avro records, topic names and header
 * names. The package is not {@code NullMarked}, because optional fields of generated records are
 * null and the generator cannot annotate them.
 */
package dev.sluice.contract;
