/** HTTP to the providers: thousands of open calls, each on a virtual thread that waits for it. */
@NullMarked
package dev.sluice.analysis.transport;

import org.jspecify.annotations.NullMarked;
