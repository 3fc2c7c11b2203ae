/** The content of a request, reduced to what matters and cut to fit. */
@NullMarked
package dev.sluice.analysis.input;

import org.jspecify.annotations.NullMarked;
