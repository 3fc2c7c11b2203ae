/** A simulated model provider over HTTP, which answers, charges and fails like a real one. */
@NullMarked
package dev.sluice.simulator;

import org.jspecify.annotations.NullMarked;
