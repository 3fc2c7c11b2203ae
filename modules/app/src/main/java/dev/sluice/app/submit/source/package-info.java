/** Files and rows, which become requests. */
@NullMarked
package dev.sluice.app.submit.source;

import org.jspecify.annotations.NullMarked;
