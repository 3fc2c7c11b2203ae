/** Publishes files and rows as requests, and follows them to their outcomes. */
@NullMarked
package dev.sluice.app.submit;

import org.jspecify.annotations.NullMarked;
