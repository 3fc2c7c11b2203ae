/** What virtual threads need to share state safely. */
@NullMarked
package dev.sluice.analysis.concurrent;

import org.jspecify.annotations.NullMarked;
