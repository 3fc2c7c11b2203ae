/** The whole pipeline in one process, to see it work. Not part of the image. */
@NullMarked
package dev.sluice.demo;

import org.jspecify.annotations.NullMarked;
