/**
 * Benchmarks that compare Sluice with other systems. Each scenario is a command that prints one
 * line for each system.
 */
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
