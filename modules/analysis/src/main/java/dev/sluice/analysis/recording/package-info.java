/** Records HTTP exchanges with providers, and replays them without a network. */
@NullMarked
package dev.sluice.analysis.recording;

import org.jspecify.annotations.NullMarked;
