package dev.sluice.worker;

import dev.sluice.contract.Priority;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.worker.consume.InFlight;
import dev.sluice.worker.consume.JobPoller;
import dev.sluice.worker.consume.JobSource;
import java.util.List;

/** The gauges of a worker's models: running jobs, lag, and why no further job starts. */
record WorkerMetrics(InFlight inFlight, JobPoller poller) {
    /** Registers the gauges of a model. */
    void register(SluiceMetrics metrics, String model) {
        metrics.gauge(Metric.IN_FLIGHT, () -> inFlight.count(model), model);
        metrics.gauge(Metric.WINDOW, () -> poller.stalled().taken(model), model);
        metrics.gauge(Metric.OLDEST_JOB, () -> poller.stalled().oldestSeconds(model), model);
        for (Priority priority : List.of(Priority.INTERACTIVE, Priority.BULK)) {
            JobSource source = new JobSource(model, priority);
            String name = priority.name();
            metrics.gauge(Metric.LAG, () -> poller.lagSeconds(source), model, name);
            metrics.gauge(
                    Metric.INTAKE_PAUSED,
                    () -> inFlight.isFull(source) ? 1 : 0,
                    model,
                    name,
                    "IN_FLIGHT");
            metrics.gauge(
                    Metric.INTAKE_PAUSED,
                    () -> poller.stalled().isFull(source) ? 1 : 0,
                    model,
                    name,
                    "WINDOW");
        }
    }
}
