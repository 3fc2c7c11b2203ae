/**
 * Execution of one analysis, without Kafka: from the content of a request to a validated output or
 * a failure.
 */
@NullMarked
package dev.sluice.analysis;

import org.jspecify.annotations.NullMarked;
