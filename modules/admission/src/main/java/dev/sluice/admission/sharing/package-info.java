/** Outcomes shared between identical requests of a user, of which only one is paid. */
@NullMarked
package dev.sluice.admission.sharing;

import org.jspecify.annotations.NullMarked;
