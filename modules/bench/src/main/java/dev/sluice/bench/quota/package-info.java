/** Benchmark B1: how much of a rate limit is used, and how many calls are rejected. */
@NullMarked
package dev.sluice.bench.quota;

import org.jspecify.annotations.NullMarked;
