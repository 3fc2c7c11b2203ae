/** Reads dead letters from their topic, for people. */
@NullMarked
package dev.sluice.app.letters;

import org.jspecify.annotations.NullMarked;
