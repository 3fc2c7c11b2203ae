/** A call to a model as it is accounted for, and the journal that records it. */
@NullMarked
package dev.sluice.analysis.call;

import org.jspecify.annotations.NullMarked;
