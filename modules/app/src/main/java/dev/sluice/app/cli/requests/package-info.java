/** The commands that submit requests, and show their results and calls. */
@NullMarked
package dev.sluice.app.cli.requests;

import org.jspecify.annotations.NullMarked;
