/** How Sluice's clients talk to Kafka and which topics they need. */
@NullMarked
package dev.sluice.runtime.kafka;

import org.jspecify.annotations.NullMarked;
