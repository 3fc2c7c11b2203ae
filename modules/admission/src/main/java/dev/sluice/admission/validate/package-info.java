/** Validates requests, prices them, and writes the dead letters of denied ones. */
@NullMarked
package dev.sluice.admission.validate;

import org.jspecify.annotations.NullMarked;
