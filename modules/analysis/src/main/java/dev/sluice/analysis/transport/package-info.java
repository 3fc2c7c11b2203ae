/** HTTP client for the providers: thousands of open calls, each with a waiting virtual thread. */
@NullMarked
package dev.sluice.analysis.transport;

import org.jspecify.annotations.NullMarked;
