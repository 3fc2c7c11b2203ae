/** The demo: the whole pipeline in one process, for trials. Not part of the image. */
@NullMarked
package dev.sluice.demo;

import org.jspecify.annotations.NullMarked;
