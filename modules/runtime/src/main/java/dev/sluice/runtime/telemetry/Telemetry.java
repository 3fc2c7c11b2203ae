package dev.sluice.runtime.telemetry;

import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.trace.RequestTraces;

/**
 * What admission and worker report to, one for each process.
 *
 * @param deadLetters receives each dead letter that this process publishes
 */
public record Telemetry(
        SluiceMetrics metrics, RequestTraces traces, RecentDeadLetters deadLetters) {
    /** Reports to metrics and traces, with no dead letters yet. */
    public static Telemetry of(SluiceMetrics metrics, RequestTraces traces) {
        return new Telemetry(metrics, traces, new RecentDeadLetters());
    }
}
