/** HTTP APIs of the providers: requests, answers, errors, headers. */
@NullMarked
package dev.sluice.analysis.provider;

import org.jspecify.annotations.NullMarked;
