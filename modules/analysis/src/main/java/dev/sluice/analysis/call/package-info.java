/** Record of a call to a model, and the journal and observer that receive it. */
@NullMarked
package dev.sluice.analysis.call;

import org.jspecify.annotations.NullMarked;
