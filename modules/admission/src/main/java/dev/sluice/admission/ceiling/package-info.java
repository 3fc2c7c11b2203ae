/** What all users together may spend in a day, over all tasks of admission. */
@NullMarked
package dev.sluice.admission.ceiling;

import org.jspecify.annotations.NullMarked;
