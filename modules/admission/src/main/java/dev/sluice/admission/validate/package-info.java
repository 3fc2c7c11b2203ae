/** Validates requests and prices them, and writes the dead letters of those that are denied. */
@NullMarked
package dev.sluice.admission.validate;

import org.jspecify.annotations.NullMarked;
