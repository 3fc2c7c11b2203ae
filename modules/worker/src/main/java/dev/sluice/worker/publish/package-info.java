/** Publishing outcomes together with the frontier, in short transactions. */
@NullMarked
package dev.sluice.worker.publish;

import org.jspecify.annotations.NullMarked;
