package dev.sluice.runtime.trace;

import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.outcome.TraceContext;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Makes the spans of requests, as children of the spans that their records' headers name (W3C trace
 * context). Without an SDK it does nothing. Safe for use by many threads.
 */
public final class RequestTraces {
    private static final TextMapPropagator W3C = W3CTraceContextPropagator.getInstance();

    private final boolean enabled;
    private final Tracer tracer;

    private RequestTraces(boolean enabled, Tracer tracer) {
        this.enabled = enabled;
        this.tracer = tracer;
    }

    /** No spans. */
    public static RequestTraces off() {
        return new RequestTraces(false, OpenTelemetry.noop().getTracer(""));
    }

    /** Spans that an SDK exports. */
    public static RequestTraces of(OpenTelemetry telemetry) {
        return new RequestTraces(true, telemetry.getTracer("dev.sluice"));
    }

    public boolean isEnabled() {
        return enabled;
    }

    /** The span that a request's headers name; the root context if there is none. */
    public Context parent(SourceRecord request) {
        return enabled ? extracted(TraceContext.of(request)) : Context.root();
    }

    /** The span that a record's headers name; the root context if there is none. */
    public Context parent(Headers headers) {
        return enabled ? extracted(headers) : Context.root();
    }

    private static Context extracted(Headers headers) {
        return W3C.extract(Context.root(), headers, HeaderGetter.INSTANCE);
    }

    /** Names a span in a record's headers, so that its reader's spans become children. */
    public void inject(Context context, Headers headers) {
        W3C.inject(
                context,
                headers,
                (carrier, name, value) -> {
                    if (carrier != null) {
                        carrier.remove(name);
                        carrier.add(name, value.getBytes(StandardCharsets.UTF_8));
                    }
                });
    }

    /** A span that has not begun yet. */
    public SpanBuilder span(String name, Context parent) {
        return tracer.spanBuilder(name).setParent(parent);
    }

    /** Records a span that is over. */
    public void past(String name, Context parent, Instant from, Instant to, Attributes attributes) {
        if (!enabled) {
            return;
        }
        Span span =
                span(name, parent).setStartTimestamp(from).setAllAttributes(attributes).startSpan();
        span.end(to.isBefore(from) ? from : to);
    }

    private enum HeaderGetter implements TextMapGetter<Headers> {
        INSTANCE;

        @Override
        public @Nullable String get(@Nullable Headers headers, String name) {
            if (headers != null) {
                for (Header header : headers) {
                    byte @Nullable [] value = header.value();
                    if (header.key().equalsIgnoreCase(name) && value != null) {
                        return new String(value, StandardCharsets.UTF_8);
                    }
                }
            }
            return null;
        }
    }
}
