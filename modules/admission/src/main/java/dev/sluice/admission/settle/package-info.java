/** What comes back into the books, and what is told of them. */
@NullMarked
package dev.sluice.admission.settle;

import org.jspecify.annotations.NullMarked;
