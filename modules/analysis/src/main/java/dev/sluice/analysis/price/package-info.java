/** Token usage, model prices and costs. */
@NullMarked
package dev.sluice.analysis.price;

import org.jspecify.annotations.NullMarked;
