/** What commands have in common: options, exit codes, errors, and text for terminals. */
@NullMarked
package dev.sluice.app.cli.common;

import org.jspecify.annotations.NullMarked;
