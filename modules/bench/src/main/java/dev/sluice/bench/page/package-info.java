/** The page of the benchmarks: its tables, which runs replace, and the pictures of the tables. */
@NullMarked
package dev.sluice.bench.page;

import org.jspecify.annotations.NullMarked;
