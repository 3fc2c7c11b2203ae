package dev.sluice.worker.publish;

import dev.sluice.contract.Stage;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.JobTimes;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.runtime.outcome.Reasons;
import dev.sluice.runtime.telemetry.RecentDeadLetters;
import dev.sluice.runtime.telemetry.Telemetry;
import dev.sluice.worker.consume.InFlight;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports published and dropped outcomes: frees their room, counts them, and logs them. */
public final class OutcomeReport {
    private static final Logger log = LoggerFactory.getLogger(OutcomeReport.class);

    /** Reported as the analysis of a record that is not a job. */
    private static final String UNKNOWN = "unknown";

    private static final List<String> STAGES = List.of("admission", "queue", "work", "publish");

    private final InFlight inFlight;
    private final SluiceMetrics metrics;
    private final RecentDeadLetters deadLetters;
    private final InstantSource clock = InstantSource.system();

    public OutcomeReport(InFlight inFlight, Telemetry telemetry) {
        this.inFlight = inFlight;
        this.metrics = telemetry.metrics();
        this.deadLetters = telemetry.deadLetters();
        STAGES.forEach(stage -> metrics.register(Metric.STAGE_DURATION, stage));
    }

    /** Reports a committed outcome. */
    void published(CompletedJob finished) {
        inFlight.end(finished.assignment().source(), finished.bytes());
        Outcome outcome = finished.outcome();
        String kind = outcome.reason().map(reason -> Reasons.kind(reason).name()).orElse("RESULT");
        String analysis = outcome.analysis().isEmpty() ? UNKNOWN : outcome.analysis();
        metrics.count(
                Metric.OUTCOMES, analysis, kind, outcome.reason().map(Enum::name).orElse("NONE"));
        outcome.reason()
                .ifPresent(reason ->
                        deadLetters.add(
                                new RecentDeadLetters.Entry(
                                        clock.instant(),
                                        outcome.requestId(),
                                        outcome.userId(),
                                        analysis,
                                        reason,
                                        Stage.WORKER)));
        outcome.times().ifPresent(times -> times(finished, times, kind));
        finished.trace().published(finished.ready(), clock.instant());
        OutcomeQuality.of(outcome).addTo(metrics);
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

    /** Reports how long the stages of a job took, up to now. */
    private void times(CompletedJob finished, JobTimes times, String kind) {
        Instant now = clock.instant();
        String analysis = finished.outcome().analysis();
        metrics.time(
                Metric.OUTCOME_DURATION,
                between(times.submitted(), now),
                analysis,
                times.waitedOnPurpose()
                        ? "PATIENT"
                        : finished.assignment().source().priority().name(),
                kind);
        metrics.time(
                Metric.STAGE_DURATION, between(times.submitted(), times.admitted()), "admission");
        metrics.time(Metric.STAGE_DURATION, between(times.admitted(), finished.started()), "queue");
        metrics.time(Metric.STAGE_DURATION, between(finished.started(), finished.ready()), "work");
        metrics.time(Metric.STAGE_DURATION, between(finished.ready(), now), "publish");
    }

    /** Clocks of several machines differ, so a time may lie before an earlier one. */
    private static Duration between(Instant from, Instant to) {
        return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
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
