/** B1: how much of a limit is used, and how many calls are turned away. */
@NullMarked
package dev.sluice.bench.quota;

import org.jspecify.annotations.NullMarked;
