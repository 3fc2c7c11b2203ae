/** The console: one page that shows what this process does now. */
@NullMarked
package dev.sluice.app.console;

import org.jspecify.annotations.NullMarked;
