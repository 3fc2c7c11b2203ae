/** Benchmark B2: how many calls can be open at once. */
@NullMarked
package dev.sluice.bench.calls;

import org.jspecify.annotations.NullMarked;
