/** A stand-in for a model provider over HTTP: it answers, bills and fails like one. */
@NullMarked
package dev.sluice.simulator;

import org.jspecify.annotations.NullMarked;
