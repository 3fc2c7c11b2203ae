/** What an answer must satisfy beyond its schema, as expressions over input and output. */
@NullMarked
package dev.sluice.analysis.check;

import org.jspecify.annotations.NullMarked;
