/** What becomes of valid requests: jobs, places in a waitingFor, shared answers, denials. */
@NullMarked
package dev.sluice.admission.decide;

import org.jspecify.annotations.NullMarked;
