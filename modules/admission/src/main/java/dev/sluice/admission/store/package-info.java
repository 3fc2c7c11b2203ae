/** How admission's one state store is shared: keys of each kind, and going through them. */
@NullMarked
package dev.sluice.admission.store;

import org.jspecify.annotations.NullMarked;
