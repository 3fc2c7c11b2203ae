package dev.sluice.admission;

import dev.sluice.admission.decide.WaitQueue.Waiting;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.validate.Decision;
import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.runtime.trace.SpanNames;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.kafka.common.header.Headers;

/**
 * The spans of requests in admission: one from the request's record to the decision, and one for
 * each wait.
 */
record AdmissionTraces(RequestTraces traces, InstantSource clock) {
    /**
     * Records a decision. The worker's spans of an admitted request become children of it.
     *
     * @param out headers of the record to publish
     */
    void decided(Decision decision, Headers out) {
        if (!traces.isEnabled()) {
            return;
        }
        Decision.Subject subject = decision.subject();
        Context parent = traces.parent(subject.source());
        Span span =
                traces.span(SpanNames.ADMISSION, parent)
                        .setSpanKind(SpanKind.CONSUMER)
                        .setStartTimestamp(taken(subject.source()))
                        .setAttribute(SpanNames.ANALYSIS, subject.analysis())
                        .startSpan();
        subject.request()
                .ifPresent(request -> {
                    span.setAttribute(SpanNames.REQUEST_ID, request.requestId());
                    span.setAttribute(SpanNames.USER_ID, request.user());
                });
        switch (decision) {
            case Decision.Admitted _ -> {
                span.setAttribute(SpanNames.DECISION, "admitted");
                traces.inject(parent.with(span), out);
            }
            case Decision.Answered _ -> span.setAttribute(SpanNames.DECISION, "shared");
            case Decision.Denied(_, var reason, _) -> {
                span.setAttribute(SpanNames.DECISION, "denied");
                span.setAttribute(SpanNames.REASON, reason.name());
            }
        }
        span.end();
    }

    /** Records that a request leaves a queue. */
    void left(Waiting waiting) {
        if (traces.isEnabled()) {
            RequestKey request = waiting.request();
            traces.past(
                    SpanNames.WAIT + waiting.reason().name(),
                    traces.parent(waiting.source()),
                    waiting.since(),
                    clock.instant(),
                    Attributes.of(
                            SpanNames.REQUEST_ID, request.requestId(),
                            SpanNames.USER_ID, request.user()));
        }
    }

    private Instant taken(SourceRecord source) {
        Instant now = clock.instant();
        Instant timestamp = source.getTimestamp();
        return timestamp == null || timestamp.isAfter(now) ? now : timestamp;
    }
}
