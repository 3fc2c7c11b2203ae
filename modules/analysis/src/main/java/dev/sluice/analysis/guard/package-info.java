/** Guards of a model call: deadline, cap, quota, circuit breaker, retries. */
@NullMarked
package dev.sluice.analysis.guard;

import org.jspecify.annotations.NullMarked;
