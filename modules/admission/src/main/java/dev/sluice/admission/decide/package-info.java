/** What becomes of sound requests: jobs, places in a line, shared answers, refusals. */
@NullMarked
package dev.sluice.admission.decide;

import org.jspecify.annotations.NullMarked;
