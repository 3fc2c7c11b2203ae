/** Trials of canaries: which version a request gets, what is counted, and when a canary stops. */
@NullMarked
package dev.sluice.admission.canary;

import org.jspecify.annotations.NullMarked;
