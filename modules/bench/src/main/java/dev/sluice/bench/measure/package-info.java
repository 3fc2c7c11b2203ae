/** Common parts of the benchmarks: CPU time, pinned cores, a stub of a provider. */
@NullMarked
package dev.sluice.bench.measure;

import org.jspecify.annotations.NullMarked;
