/**
 * Access to admission's single state store: key prefixes, batched writes, sweeps and Bloom filters.
 */
@NullMarked
package dev.sluice.admission.store;

import org.jspecify.annotations.NullMarked;
