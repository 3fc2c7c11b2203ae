/** The sluice command and service: everything put together. */
@NullMarked
package dev.sluice.app;

import org.jspecify.annotations.NullMarked;
