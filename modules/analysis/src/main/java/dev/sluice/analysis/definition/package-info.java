/** What an analysis is: its definition, its output schema, and how both are loaded and checked. */
@NullMarked
package dev.sluice.analysis.definition;

import org.jspecify.annotations.NullMarked;
