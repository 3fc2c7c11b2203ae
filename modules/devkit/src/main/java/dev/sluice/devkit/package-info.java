/** A Kafka broker and a schema registry in this process, for the demo and for tests. */
@NullMarked
package dev.sluice.devkit;

import org.jspecify.annotations.NullMarked;
