/** Records that wait while the schema registry does not answer. */
@NullMarked
package dev.sluice.admission.outage;

import org.jspecify.annotations.NullMarked;
