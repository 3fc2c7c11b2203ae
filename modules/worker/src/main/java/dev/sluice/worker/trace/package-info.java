/** The spans of a job: its waits, its calls, and the publishing of its outcome. */
@NullMarked
package dev.sluice.worker.trace;

import org.jspecify.annotations.NullMarked;
