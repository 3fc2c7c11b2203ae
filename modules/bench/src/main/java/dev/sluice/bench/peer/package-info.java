/** The peers: programs that one would write without Sluice. */
@NullMarked
package dev.sluice.bench.peer;

import org.jspecify.annotations.NullMarked;
