/** CPU-bound work, on a few threads of its own and with limits of time. */
@NullMarked
package dev.sluice.analysis.compute;

import org.jspecify.annotations.NullMarked;
