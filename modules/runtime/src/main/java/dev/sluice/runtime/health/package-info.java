/** Whether this process lives and can work. */
@NullMarked
package dev.sluice.runtime.health;

import org.jspecify.annotations.NullMarked;
