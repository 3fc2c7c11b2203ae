/** The jobs that pass from admission to workers. */
@NullMarked
package dev.sluice.runtime.job;

import org.jspecify.annotations.NullMarked;
