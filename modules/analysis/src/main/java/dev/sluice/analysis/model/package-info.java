/** Interface to language models: requests, replies, rate limits and deployments. */
@NullMarked
package dev.sluice.analysis.model;

import org.jspecify.annotations.NullMarked;
