/** The journal of calls: which were begun, so that none is forgotten when a worker dies. */
@NullMarked
package dev.sluice.worker.journal;

import org.jspecify.annotations.NullMarked;
