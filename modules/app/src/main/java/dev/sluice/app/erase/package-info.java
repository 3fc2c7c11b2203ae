/** Erases what Kafka lets erase of a user, and says what remains until when. */
@NullMarked
package dev.sluice.app.erase;

import org.jspecify.annotations.NullMarked;
