package dev.sluice.analysis.transport;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * JSON to post.
 *
 * @param timeout from now to the whole answer
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copied nowhere
public record HttpCall(URI target, Map<String, String> headers, byte[] json, Duration timeout) {}
