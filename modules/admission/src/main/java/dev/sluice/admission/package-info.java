/** Decides who may spend: requests become jobs with a reservation, or dead letters. */
@NullMarked
package dev.sluice.admission;

import org.jspecify.annotations.NullMarked;
