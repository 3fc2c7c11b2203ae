/** The service's HTTP endpoints. */
@NullMarked
package dev.sluice.app.http;

import org.jspecify.annotations.NullMarked;
