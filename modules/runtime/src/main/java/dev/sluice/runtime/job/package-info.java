/** What passes from admission to the worker. */
@NullMarked
package dev.sluice.runtime.job;

import org.jspecify.annotations.NullMarked;
