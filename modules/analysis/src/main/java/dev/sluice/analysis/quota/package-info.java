/** The provider's limits: how much may be sent and when, learned from what the provider says. */
@NullMarked
package dev.sluice.analysis.quota;

import org.jspecify.annotations.NullMarked;
