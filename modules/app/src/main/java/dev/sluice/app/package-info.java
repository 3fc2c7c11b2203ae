/** Entry point of the command line and the service. */
@NullMarked
package dev.sluice.app;

import org.jspecify.annotations.NullMarked;
