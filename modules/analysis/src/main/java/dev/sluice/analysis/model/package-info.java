/**
 * A language model as the rest of the analysis sees it: requests, replies, limits, places to call
 * it.
 */
@NullMarked
package dev.sluice.analysis.model;

import org.jspecify.annotations.NullMarked;
