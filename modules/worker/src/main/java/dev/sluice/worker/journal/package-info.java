/**
 * The journal of model calls: records every call before it is sent, so that a crash loses none of
 * the costs.
 */
@NullMarked
package dev.sluice.worker.journal;

import org.jspecify.annotations.NullMarked;
