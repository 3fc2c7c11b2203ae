/** Generation of prompts from definition and schema. */
@NullMarked
package dev.sluice.analysis.prompt;

import org.jspecify.annotations.NullMarked;
