/** One piece of content to analyse, and its priority. */
@NullMarked
package dev.sluice.analysis.task;

import org.jspecify.annotations.NullMarked;
