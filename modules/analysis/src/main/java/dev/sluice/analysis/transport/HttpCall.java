package dev.sluice.analysis.transport;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * HTTP POST of a JSON body.
 *
 * @param timeout from sending to the complete answer
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copied nowhere
public record HttpCall(URI target, Map<String, String> headers, byte[] json, Duration timeout) {}
