package dev.sluice.runtime.outcome;

import dev.sluice.contract.SourceRecord;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The requester's W3C trace context ({@code traceparent}, {@code tracestate}, {@code baggage}),
 * which is copied unchanged from a request to its outcome and its calls.
 */
public final class TraceContext {
    private static final Set<String> NAMES = Set.of("traceparent", "tracestate", "baggage");

    private TraceContext() {}

    /** The trace headers of a request. */
    public static RecordHeaders of(SourceRecord request) {
        RecordHeaders headers = new RecordHeaders();
        for (var header : request.getHeaders()) {
            String name = header.getKey().toString();
            if (NAMES.contains(name.toLowerCase(Locale.ROOT))) {
                headers.add(name, bytes(header.getValue()));
            }
        }
        return headers;
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer value) {
        if (value == null) {
            return null;
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return bytes;
    }
}
