/** What every benchmark measures with: CPU time, a pinned core, a stub of a provider. */
@NullMarked
package dev.sluice.bench.measure;

import org.jspecify.annotations.NullMarked;
