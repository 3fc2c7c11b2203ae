/** Avro in Confluent's wire format, for Kafka clients. */
@NullMarked
package dev.sluice.contract.serde;

import org.jspecify.annotations.NullMarked;
