/** Definitions of analyses and their output schemas: loading and validation. */
@NullMarked
package dev.sluice.analysis.definition;

import org.jspecify.annotations.NullMarked;
