/** Liveness and readiness of this process. */
@NullMarked
package dev.sluice.runtime.health;

import org.jspecify.annotations.NullMarked;
