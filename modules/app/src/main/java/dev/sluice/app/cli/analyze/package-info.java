/** The command that analyses files without Kafka. */
@NullMarked
package dev.sluice.app.cli.analyze;

import org.jspecify.annotations.NullMarked;
