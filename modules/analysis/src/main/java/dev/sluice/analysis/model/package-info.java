/** Models and what they reply. */
@NullMarked
package dev.sluice.analysis.model;

import org.jspecify.annotations.NullMarked;
