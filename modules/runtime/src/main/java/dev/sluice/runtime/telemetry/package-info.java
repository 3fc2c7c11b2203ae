/** What a process shows its operators. */
@NullMarked
package dev.sluice.runtime.telemetry;

import org.jspecify.annotations.NullMarked;
