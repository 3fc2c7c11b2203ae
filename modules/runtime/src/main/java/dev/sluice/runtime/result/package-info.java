/** Typed results: Avro record schemas derived from each analysis's JSON Schema. */
@NullMarked
package dev.sluice.runtime.result;

import org.jspecify.annotations.NullMarked;
