/** Publishes outcomes and commits the frontier in the same short transactions. */
@NullMarked
package dev.sluice.worker.publish;

import org.jspecify.annotations.NullMarked;
