/** Spans of requests, with OpenTelemetry. */
@NullMarked
package dev.sluice.runtime.trace;

import org.jspecify.annotations.NullMarked;
