/** What the service shows over HTTP. */
@NullMarked
package dev.sluice.app.http;

import org.jspecify.annotations.NullMarked;
