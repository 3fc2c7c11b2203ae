/** Admission: turns requests into jobs with a reservation, or denies them with a dead letter. */
@NullMarked
package dev.sluice.admission;

import org.jspecify.annotations.NullMarked;
