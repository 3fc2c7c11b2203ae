package dev.sluice.runtime.outcome;

import dev.sluice.contract.SourceRecord;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The requester's trace context, as the W3C defines it ({@code traceparent}, {@code tracestate},
 * {@code baggage}): it goes with a request to its outcome and its calls, untouched.
 */
public final class TraceContext {
    private static final Set<String> NAMES = Set.of("traceparent", "tracestate", "baggage");

    private TraceContext() {}

    /** The headers of a request that its outcome has too. */
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
