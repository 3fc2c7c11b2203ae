/** CPU-bound work, on few threads of its own and within bounds. */
@NullMarked
package dev.sluice.analysis.compute;

import org.jspecify.annotations.NullMarked;
