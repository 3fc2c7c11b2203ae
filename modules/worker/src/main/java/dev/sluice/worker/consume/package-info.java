/** Reading jobs: the poll loop, tenures of partitions, the commit frontier. */
@NullMarked
package dev.sluice.worker.consume;

import org.jspecify.annotations.NullMarked;
