/** B3, B4 and B6: the whole pipeline, from a request to its outcome. */
@NullMarked
package dev.sluice.bench.pipeline;

import org.jspecify.annotations.NullMarked;
