/** The operations on dead letters that the console offers. */
@NullMarked
package dev.sluice.app.operate;

import org.jspecify.annotations.NullMarked;
