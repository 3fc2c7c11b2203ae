/** Reads jobs: the poll loop, partition assignments, and the commit frontier. */
@NullMarked
package dev.sluice.worker.consume;

import org.jspecify.annotations.NullMarked;
