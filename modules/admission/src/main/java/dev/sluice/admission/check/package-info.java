/**
 * Whether a request can be worked on: decoding, rules, price, and the dead letters of those that
 * cannot.
 */
@NullMarked
package dev.sluice.admission.check;

import org.jspecify.annotations.NullMarked;
