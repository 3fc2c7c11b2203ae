/** The worker: turns jobs into outcomes, exactly one outcome per job. */
@NullMarked
package dev.sluice.worker;

import org.jspecify.annotations.NullMarked;
