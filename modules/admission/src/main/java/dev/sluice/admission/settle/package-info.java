/**
 * Settlements and budget changes, which update the ledger, and the published daily spend of users.
 */
@NullMarked
package dev.sluice.admission.settle;

import org.jspecify.annotations.NullMarked;
