/** Users' budgets and spend, as recorded in the budgets and spend topics. */
@NullMarked
package dev.sluice.app.spend;

import org.jspecify.annotations.NullMarked;
