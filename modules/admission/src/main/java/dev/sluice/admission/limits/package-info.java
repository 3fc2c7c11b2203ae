/** The configured limits of users: budgets, ceilings and rates. */
@NullMarked
package dev.sluice.admission.limits;

import org.jspecify.annotations.NullMarked;
