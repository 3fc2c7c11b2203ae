package dev.sluice.worker.trace;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.runtime.trace.SpanNames;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Makes a span of each wait before a call, named after its reason, in the span of the job whose
 * thread waits. Passes everything on to another observer.
 */
public final class WaitSpans implements CallObserver {
    private final CallObserver next;
    private final RequestTraces traces;
    private final InstantSource clock;

    public WaitSpans(CallObserver next, RequestTraces traces, InstantSource clock) {
        this.next = next;
        this.traces = traces;
        this.clock = clock;
    }

    @Override
    public void called(String analysis, Call call) {
        next.called(analysis, call);
    }

    @Override
    public void waits(String model, String reason) {
        next.waits(model, reason);
    }

    @Override
    public void waited(String model, String reason, Duration time) {
        next.waited(model, reason, time);
        if (Span.current().isRecording()) {
            Instant now = clock.instant();
            traces.past(
                    SpanNames.WAIT + reason,
                    Context.current(),
                    now.minus(time),
                    now,
                    Attributes.of(SpanNames.MODEL, model));
        }
    }
}
