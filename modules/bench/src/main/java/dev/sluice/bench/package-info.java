/** Load beside peers: each scenario is a command that prints one line for each system. */
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
