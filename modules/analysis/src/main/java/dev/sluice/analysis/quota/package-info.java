/**
 * Rate limits of the provider: when a call may be sent, learned from the limits the provider
 * reports.
 */
@NullMarked
package dev.sluice.analysis.quota;

import org.jspecify.annotations.NullMarked;
