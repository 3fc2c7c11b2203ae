/** The subcommands of {@code sluice}. */
@NullMarked
package dev.sluice.app.cli;

import org.jspecify.annotations.NullMarked;
