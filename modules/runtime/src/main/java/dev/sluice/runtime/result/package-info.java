/** Typed results: an analysis's JSON Schema as an Avro record. */
@NullMarked
package dev.sluice.runtime.result;

import org.jspecify.annotations.NullMarked;
