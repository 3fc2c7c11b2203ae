/** Connections to Kafka and the schema registry, and the topics and subjects of an installation. */
@NullMarked
package dev.sluice.runtime.kafka;

import org.jspecify.annotations.NullMarked;
