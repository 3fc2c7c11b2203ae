package dev.sluice.worker.trace;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallObserver;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Adds each wait before a call to the waits of the job whose thread waits, if the job is traced.
 * Passes everything on to another observer.
 */
public final class WaitSpans implements CallObserver {
    private final CallObserver next;
    private final InstantSource clock;

    public WaitSpans(CallObserver next, InstantSource clock) {
        this.next = next;
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
        JobWaits waits = Context.current().get(JobWaits.KEY);
        if (waits != null) {
            waits.add(model, reason, time, clock.instant());
        }
    }
}
