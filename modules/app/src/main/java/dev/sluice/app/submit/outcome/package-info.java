/** Files in which the outcomes of a submission are kept. */
@NullMarked
package dev.sluice.app.submit.outcome;

import org.jspecify.annotations.NullMarked;
