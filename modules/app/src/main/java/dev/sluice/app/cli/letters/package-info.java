/** The commands about dead letters. */
@NullMarked
package dev.sluice.app.cli.letters;

import org.jspecify.annotations.NullMarked;
