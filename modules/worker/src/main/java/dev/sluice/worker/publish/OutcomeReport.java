package dev.sluice.worker.publish;

import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.runtime.outcome.Reasons;
import dev.sluice.worker.consume.InFlight;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports published and dropped outcomes: frees their room, counts them, and logs them. */
final class OutcomeReport {
    private static final Logger log = LoggerFactory.getLogger(OutcomeReport.class);

    /** Reported as the analysis of a record that is not a job. */
    private static final String UNKNOWN = "unknown";

    private final InFlight inFlight;
    private final SluiceMetrics metrics;

    OutcomeReport(InFlight inFlight, SluiceMetrics metrics) {
        this.inFlight = inFlight;
        this.metrics = metrics;
    }

    /** Reports a committed outcome. */
    void published(CompletedJob finished) {
        inFlight.end(finished.assignment().source(), finished.bytes());
        Outcome outcome = finished.outcome();
        metrics.count(
                Metric.OUTCOMES,
                outcome.analysis().isEmpty() ? UNKNOWN : outcome.analysis(),
                outcome.reason().map(reason -> Reasons.kind(reason).name()).orElse("RESULT"),
                outcome.reason().map(Enum::name).orElse("NONE"));
        log.atInfo()
                .addKeyValue("requestId", outcome.requestId())
                .addKeyValue("userId", outcome.userId())
                .addKeyValue("analysis", outcome.analysis())
                .addKeyValue("model", finished.assignment().model())
                .addKeyValue("partition", finished.assignment().partition().partition())
                .addKeyValue("offset", finished.offset())
                .addKeyValue("reason", outcome.reason().map(Enum::name).orElse("NONE"))
                .addKeyValue("calls", outcome.calls().rows().size())
                .addKeyValue("costUsd", outcome.calls().spent())
                .addKeyValue("unconfirmedUsd", outcome.calls().unconfirmed())
                .log("outcome published");
    }

    /**
     * Reports a dropped outcome: another worker holds the partition and processes the job again.
     */
    void dropped(CompletedJob finished) {
        inFlight.end(finished.assignment().source(), finished.bytes());
        metrics.count(Metric.DROPPED);
    }

    /** Counts a transaction by its result. */
    void transaction(String ending) {
        metrics.count(Metric.TRANSACTIONS, ending);
    }
}
