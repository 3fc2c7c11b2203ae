package dev.sluice.analysis.transport;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What to send.
 *
 * @param contentType of the body
 * @param timeout from now to the whole answer
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copied nowhere
public record HttpCall(
        String method,
        URI target,
        Map<String, List<String>> headers,
        String contentType,
        byte[] body,
        Duration timeout) {}
