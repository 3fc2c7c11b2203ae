/** Reading jobs: the poll loop, assignments of partitions, the commit frontier. */
@NullMarked
package dev.sluice.worker.consume;

import org.jspecify.annotations.NullMarked;
