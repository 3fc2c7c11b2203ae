/**
 * Benchmarks of the whole pipeline, from a request to its outcome (B3, B4, B6, B9), and of its
 * parts (B7, B8, B10).
 */
@NullMarked
package dev.sluice.bench.pipeline;

import org.jspecify.annotations.NullMarked;
