/** Processes one job. */
@NullMarked
package dev.sluice.worker.process;

import org.jspecify.annotations.NullMarked;
