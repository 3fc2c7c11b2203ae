/** For users' own tests: analyses and their cases in JUnit, answered by recordings. */
@NullMarked
package dev.sluice.junit;

import org.jspecify.annotations.NullMarked;
