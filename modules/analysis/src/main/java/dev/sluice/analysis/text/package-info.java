/** Truncation of text without splitting a character. */
@NullMarked
package dev.sluice.analysis.text;

import org.jspecify.annotations.NullMarked;
