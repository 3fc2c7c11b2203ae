/** Preparation of a request's content: reduction, cleaning and truncation. */
@NullMarked
package dev.sluice.analysis.input;

import org.jspecify.annotations.NullMarked;
