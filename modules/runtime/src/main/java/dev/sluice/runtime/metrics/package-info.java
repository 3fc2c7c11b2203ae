/** The catalogue of metrics. */
@NullMarked
package dev.sluice.runtime.metrics;

import org.jspecify.annotations.NullMarked;
