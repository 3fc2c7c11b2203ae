package dev.sluice.worker.trace;

import dev.sluice.analysis.call.CallJournal;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.outcome.JobTimes;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.runtime.trace.SpanNames;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.time.Instant;
import org.apache.kafka.common.header.Headers;

/**
 * The spans of one job. Confined to the job's thread until its outcome is ready, then to the
 * publisher's.
 */
public final class JobTrace {
    private final RequestTraces traces;
    private final Headers headers;
    private final Instant started;
    private final JobWaits waits;
    private Context context = Context.root();
    private Span span = Span.getInvalid();

    /**
     * @param headers of the job's record, which name the span of admission
     * @param started when this worker started the job
     */
    public JobTrace(RequestTraces traces, Headers headers, Instant started) {
        this.traces = traces;
        this.headers = headers;
        this.started = started;
        this.waits = new JobWaits(traces);
    }

    /** Begins the job's span, which is current until the result is closed. */
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public Scope begin(Job job) {
        if (!traces.isEnabled()) {
            return Scope.noop();
        }
        Context named = traces.parent(headers);
        boolean isNamed = Span.fromContext(named).getSpanContext().isValid();
        Context parent = isNamed ? named : traces.parent(job.admitted().getSource());
        Attributes request =
                Attributes.of(
                        SpanNames.REQUEST_ID,
                        job.request().getRequestId().toString(),
                        SpanNames.USER_ID,
                        job.request().getUserId().toString(),
                        SpanNames.ANALYSIS,
                        job.request().getAnalysis().toString(),
                        SpanNames.MODEL,
                        job.model());
        traces.past(SpanNames.QUEUE, parent, JobTimes.of(job).admitted(), started, request);
        span =
                traces.span(SpanNames.JOB, parent)
                        .setSpanKind(SpanKind.CONSUMER)
                        .setStartTimestamp(started)
                        .setAllAttributes(request)
                        .startSpan();
        context = parent.with(span).with(JobWaits.KEY, waits);
        return context.makeCurrent();
    }

    /** A journal that makes a span of each call, if the job is traced. */
    public CallJournal traced(CallJournal journal) {
        return span.isRecording() ? new CallSpans(journal, traces, waits) : journal;
    }

    /** Ends the job's span with its outcome. */
    public void end(Outcome outcome) {
        waits.record(context);
        outcome.reason()
                .ifPresentOrElse(
                        reason -> {
                            span.setAttribute(SpanNames.REASON, reason.name());
                            span.setStatus(StatusCode.ERROR, reason.name());
                        },
                        () -> span.setAttribute(SpanNames.REASON, "NONE"));
        span.end();
    }

    /** Ends the job's span without an outcome: its partition moved, or the worker is broken. */
    public void abandon() {
        waits.record(context);
        span.setStatus(StatusCode.ERROR, "cancelled");
        span.end();
    }

    /** Records the publishing of the outcome. */
    public void published(Instant ready, Instant committed) {
        if (span.getSpanContext().isSampled()) {
            traces.past(SpanNames.PUBLISH, context, ready, committed, Attributes.empty());
        }
    }
}
