/** The ceilings: daily budgets that all users share, across all tasks of admission. */
@NullMarked
package dev.sluice.admission.ceiling;

import org.jspecify.annotations.NullMarked;
