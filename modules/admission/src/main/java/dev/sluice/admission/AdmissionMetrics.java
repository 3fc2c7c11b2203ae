package dev.sluice.admission;

import dev.sluice.admission.canary.Trial;
import dev.sluice.admission.canary.TrialState;
import dev.sluice.admission.canary.Trials;
import dev.sluice.admission.ceiling.DayTotal;
import dev.sluice.admission.decide.WaitCensus;
import dev.sluice.admission.decide.WaitReason;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.limits.CeilingScope;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.outage.RegistryQueue;
import dev.sluice.admission.validate.Decision;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Stage;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.Reasons;
import dev.sluice.runtime.telemetry.RecentDeadLetters;
import dev.sluice.runtime.telemetry.Telemetry;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** The metrics of admission, summed over the tasks of this process. Thread-safe. */
final class AdmissionMetrics {
    /** Label of the ceiling of all analyses together. */
    private static final String ALL = "all";

    private final SluiceMetrics metrics;
    private final RecentDeadLetters deadLetters;
    private final RegistryQueue.Totals pending;
    private final InstantSource clock;
    private final Map<Integer, Map<WaitReason, WaitCensus.Count>> waiting =
            new ConcurrentHashMap<>();
    private final Map<Integer, Map<CeilingScope, DayTotal>> booked = new ConcurrentHashMap<>();

    AdmissionMetrics(Telemetry telemetry, RegistryQueue.Totals pending, InstantSource clock) {
        this.metrics = telemetry.metrics();
        this.deadLetters = telemetry.deadLetters();
        this.pending = pending;
        this.clock = clock;
    }

    /** Registers the gauges. */
    void register(Ceilings ceilings) {
        metrics.gauge(Metric.PENDING, pending.pending()::get);
        metrics.gauge(Metric.UNREADABLE, pending.unreadable()::get);
        for (WaitReason reason : WaitReason.values()) {
            metrics.gauge(Metric.WAITING_REQUESTS, () -> waiting(reason), reason.name());
            metrics.gauge(Metric.OLDEST_WAITING, () -> oldestSeconds(reason), reason.name());
        }
        ceilings.overAll().forEach((scope, usd) -> register(scope, ALL, usd));
        ceilings.ofAnalyses()
                .forEach((name, usd) -> register(new CeilingScope.OneAnalysis(name), name, usd));
    }

    /** Registers a gauge for each state of each canary. */
    void register(Trials trials) {
        for (Trial trial : trials.all()) {
            for (TrialState state : TrialState.values()) {
                metrics.gauge(
                        Metric.CANARY_STATE,
                        () -> trials.state(trial) == state ? 1 : 0,
                        trial.analysis(),
                        state.name().toLowerCase(Locale.ROOT));
            }
        }
    }

    private void register(CeilingScope scope, String label, Cost ceiling) {
        metrics.gauge(Metric.CEILING, ceiling::usd, label);
        metrics.gauge(
                Metric.CEILING_BOOKED, () -> booked(scope, DayTotal::consumed), label, "consumed");
        metrics.gauge(
                Metric.CEILING_BOOKED, () -> booked(scope, DayTotal::reserved), label, "reserved");
    }

    SluiceMetrics counters() {
        return metrics;
    }

    /** Counts of the records that wait for the registry. */
    RegistryQueue.Totals pending() {
        return pending;
    }

    /** Counts a decision. */
    void decided(Decision decision) {
        String analysis = decision.subject().analysis();
        switch (decision) {
            case Decision.Admitted(_, var cap, _) -> {
                metrics.count(Metric.ADMITTED, analysis);
                metrics.add(Metric.RESERVED, cap.usd(), analysis);
            }
            case Decision.Answered(_, var saved, _) -> {
                metrics.count(Metric.OUTCOMES, analysis, "RESULT", "NONE");
                metrics.count(Metric.SHARED, analysis);
                metrics.add(Metric.SAVED, saved, analysis);
            }
            case Decision.Denied(var subject, var reason, _) -> {
                metrics.count(
                        Metric.OUTCOMES, analysis, Reasons.kind(reason).name(), reason.name());
                deadLetters.add(
                        new RecentDeadLetters.Entry(
                                clock.instant(),
                                subject.request().map(RequestKey::requestId).orElse(""),
                                subject.request().map(RequestKey::user).orElse(""),
                                analysis,
                                reason,
                                Stage.ADMISSION));
            }
        }
    }

    /** Replaces the waiting requests of a task. */
    void waiting(int task, Map<WaitReason, WaitCensus.Count> counts) {
        waiting.put(task, Map.copyOf(counts));
    }

    /** Replaces the bookings of a task under the ceilings. */
    void booked(int task, Map<CeilingScope, DayTotal> today) {
        booked.put(task, today);
    }

    /** Forgets a task that this process no longer has. */
    void closed(int task) {
        waiting.remove(task);
        booked.remove(task);
    }

    private long waiting(WaitReason reason) {
        return counts(reason).mapToLong(WaitCensus.Count::requests).sum();
    }

    private double oldestSeconds(WaitReason reason) {
        long now = clock.millis();
        long oldest = counts(reason).mapToLong(WaitCensus.Count::oldest).min().orElse(now);
        return Math.max(0, now - oldest) / 1_000.0;
    }

    private Stream<WaitCensus.Count> counts(WaitReason reason) {
        return waiting.values().stream().flatMap(task -> Stream.ofNullable(task.get(reason)));
    }

    private double booked(CeilingScope scope, Function<DayTotal, Cost> part) {
        return booked.values().stream()
                .map(task -> Optional.ofNullable(task.get(scope)))
                .flatMap(Optional::stream)
                .mapToDouble(total -> part.apply(total).usd().doubleValue())
                .sum();
    }
}
