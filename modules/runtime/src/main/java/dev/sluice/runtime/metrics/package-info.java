/** The catalogue of metrics, and their recording with Micrometer. */
@NullMarked
package dev.sluice.runtime.metrics;

import org.jspecify.annotations.NullMarked;
