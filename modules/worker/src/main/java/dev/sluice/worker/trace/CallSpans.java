package dev.sluice.worker.trace;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.price.Cost;
import dev.sluice.runtime.metrics.GenAi;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.runtime.trace.SpanNames;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.List;
import java.util.Locale;

/**
 * Makes a span of each call, with the attributes of OpenTelemetry's conventions for generative AI.
 * The span is current during the call, so that its request names it. Confined to the job's thread.
 */
final class CallSpans implements CallJournal {
    private static final AttributeKey<String> OPERATION =
            AttributeKey.stringKey("gen_ai.operation.name");
    private static final AttributeKey<String> PROVIDER =
            AttributeKey.stringKey("gen_ai.provider.name");
    private static final AttributeKey<String> MODEL =
            AttributeKey.stringKey("gen_ai.request.model");
    private static final AttributeKey<String> SERVED_MODEL =
            AttributeKey.stringKey("gen_ai.response.model");
    private static final AttributeKey<String> RESPONSE_ID =
            AttributeKey.stringKey("gen_ai.response.id");
    private static final AttributeKey<List<String>> FINISH_REASONS =
            AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");
    private static final AttributeKey<Long> INPUT_TOKENS =
            AttributeKey.longKey("gen_ai.usage.input_tokens");
    private static final AttributeKey<Long> OUTPUT_TOKENS =
            AttributeKey.longKey("gen_ai.usage.output_tokens");
    private static final AttributeKey<String> SERVER = AttributeKey.stringKey("server.address");
    private static final AttributeKey<Long> STATUS =
            AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

    private final CallJournal journal;
    private final RequestTraces traces;
    private final JobWaits waits;
    private Span span = Span.getInvalid();
    private Scope scope = Scope.noop();

    CallSpans(CallJournal journal, RequestTraces traces, JobWaits waits) {
        this.journal = journal;
        this.traces = traces;
        this.waits = waits;
    }

    @Override
    public int callsBefore() {
        return journal.callsBefore();
    }

    @Override
    public Cost costBefore() {
        return journal.costBefore();
    }

    @Override
    public void releaseSlot() {
        journal.releaseSlot();
    }

    @Override
    public void acquireSlot() throws InterruptedException {
        journal.acquireSlot();
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // withdrawn or ended closes it
    public boolean starting(Call ifLost) throws InterruptedException {
        boolean recorded = journal.starting(ifLost);
        if (recorded) {
            waits.record(Context.current());
            Deployment deployment = ifLost.deployment();
            span =
                    traces.span(
                                    GenAi.CHAT + " " + deployment.endpoint().sentAs(),
                                    Context.current())
                            .setSpanKind(SpanKind.CLIENT)
                            .setAttribute(OPERATION, GenAi.CHAT)
                            .setAttribute(
                                    PROVIDER, GenAi.provider(deployment.endpoint().provider()))
                            .setAttribute(MODEL, deployment.endpoint().sentAs())
                            .setAttribute(SERVER, deployment.endpoint().baseUrl().getHost())
                            .setAttribute(SpanNames.MODEL, deployment.model())
                            .setAttribute(SpanNames.CALL_ID, ifLost.id().toString())
                            .setAttribute(SpanNames.PURPOSE, name(ifLost.purpose()))
                            .startSpan();
            scope = span.makeCurrent();
        }
        return recorded;
    }

    @Override
    public void withdrawn(Call call) {
        // A span that does not end is not exported.
        scope.close();
        scope = Scope.noop();
        span = Span.getInvalid();
        journal.withdrawn(call);
    }

    @Override
    public void ended(Call call) {
        scope.close();
        scope = Scope.noop();
        Call.Ending ending = call.ending();
        if (!call.facts().servedModel().isEmpty()) {
            span.setAttribute(SERVED_MODEL, call.facts().servedModel());
        }
        span.setAttribute(INPUT_TOKENS, call.usage().input())
                .setAttribute(OUTPUT_TOKENS, call.usage().output())
                .setAttribute(SpanNames.COST, call.cost().usd().doubleValue());
        ending.responseId().ifPresent(id -> span.setAttribute(RESPONSE_ID, id));
        ending.finishReason()
                .ifPresent(reason -> span.setAttribute(FINISH_REASONS, List.of(reason)));
        ending.httpStatus().ifPresent(status -> span.setAttribute(STATUS, (long) status));
        if (ending.status() != Call.Status.ANSWERED) {
            span.setAttribute(ERROR, name(ending.status()));
            span.setStatus(StatusCode.ERROR);
        }
        span.end();
        span = Span.getInvalid();
        journal.ended(call);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
