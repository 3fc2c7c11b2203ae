/** Jobs become outcomes, exactly one each. */
@NullMarked
package dev.sluice.worker;

import org.jspecify.annotations.NullMarked;
