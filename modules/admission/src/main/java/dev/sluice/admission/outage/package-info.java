/** Records that wait while the schema registry gives no answer. */
@NullMarked
package dev.sluice.admission.outage;

import org.jspecify.annotations.NullMarked;
