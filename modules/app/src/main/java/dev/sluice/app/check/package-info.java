/** Checks a configuration, and what it needs around it, before a service starts. */
@NullMarked
package dev.sluice.app.check;

import org.jspecify.annotations.NullMarked;
