/** Runs dead-lettered requests again, each as its next generation. */
@NullMarked
package dev.sluice.app.redrive;

import org.jspecify.annotations.NullMarked;
