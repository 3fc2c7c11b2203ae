/** What users may do, as it is configured. */
@NullMarked
package dev.sluice.admission.limits;

import org.jspecify.annotations.NullMarked;
