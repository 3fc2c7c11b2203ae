/** Decisions on valid requests: jobs, wait queues, shared outcomes and denials. */
@NullMarked
package dev.sluice.admission.decide;

import org.jspecify.annotations.NullMarked;
