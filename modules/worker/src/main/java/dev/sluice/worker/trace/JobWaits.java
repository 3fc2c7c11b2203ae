package dev.sluice.worker.trace;

import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.runtime.trace.SpanNames;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The waits of a job before its next call: one span for each reason, however often the job looked
 * in between whether it may call. Confined to the job's thread.
 */
final class JobWaits {
    static final ContextKey<JobWaits> KEY = ContextKey.named("sluice-waits");

    private final RequestTraces traces;
    private final Map<String, Wait> waits = new LinkedHashMap<>();

    /**
     * Waits for one reason.
     *
     * @param time without the waits for other reasons in between
     */
    private record Wait(String model, Instant from, Instant to, Duration time) {
        Wait plus(Wait later) {
            return new Wait(model, from, later.to, time.plus(later.time));
        }
    }

    JobWaits(RequestTraces traces) {
        this.traces = traces;
    }

    /** Adds a wait that ends now. */
    void add(String model, String reason, Duration time, Instant now) {
        waits.merge(reason, new Wait(model, now.minus(time), now, time), Wait::plus);
    }

    /** Records the waits since the last call as spans. */
    void record(Context parent) {
        waits.forEach((reason, wait) ->
                traces.past(
                        SpanNames.WAIT + reason,
                        parent,
                        wait.from(),
                        wait.to(),
                        Attributes.of(
                                SpanNames.MODEL,
                                wait.model(),
                                SpanNames.WAITED,
                                wait.time().toMillis() / 1_000.0)));
        waits.clear();
    }
}
