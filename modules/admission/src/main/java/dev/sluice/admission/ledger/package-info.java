/** Who has spent what, and may spend how much more. */
@NullMarked
package dev.sluice.admission.ledger;

import org.jspecify.annotations.NullMarked;
