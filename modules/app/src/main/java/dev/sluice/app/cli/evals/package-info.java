/** The command {@code sluice eval}. */
@NullMarked
package dev.sluice.app.cli.evals;

import org.jspecify.annotations.NullMarked;
