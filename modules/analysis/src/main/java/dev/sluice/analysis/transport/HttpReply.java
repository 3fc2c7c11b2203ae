package dev.sluice.analysis.transport;

import java.util.List;
import java.util.Map;

/**
 * A whole answer.
 *
 * @param headers by name, as they came
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copied nowhere
public record HttpReply(int status, Map<String, List<String>> headers, byte[] body) {}
