/** One paid answer for all requests of a user that ask the same. */
@NullMarked
package dev.sluice.admission.sharing;

import org.jspecify.annotations.NullMarked;
