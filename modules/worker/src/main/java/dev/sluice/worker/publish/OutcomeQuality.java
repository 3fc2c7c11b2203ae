package dev.sluice.worker.publish;

import dev.sluice.contract.CallStatus;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Reason;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.AnswerValidity;
import dev.sluice.runtime.outcome.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the calls of a finished job were good for: whether its answer was valid at once, and what
 * was paid for calls that gave no result.
 */
final class OutcomeQuality {
    /** Reasons that are about the model's answers. */
    private static final Set<Reason> INVALID =
            Set.of(
                    Reason.INVALID_OUTPUT,
                    Reason.OUTPUT_TRUNCATED,
                    Reason.OUTPUT_TOO_LARGE,
                    Reason.REFUSED_BY_MODEL);

    private final Outcome outcome;
    private final List<ModelCall> calls;

    private OutcomeQuality(Outcome outcome) {
        this.outcome = outcome;
        this.calls = outcome.calls().rows();
    }

    static OutcomeQuality of(Outcome outcome) {
        return new OutcomeQuality(outcome);
    }

    void addTo(SluiceMetrics metrics) {
        if (calls.isEmpty()) {
            return;
        }
        String version = calls.getLast().getAnalysisVersion().toString();
        validity()
                .ifPresent(found ->
                        metrics.count(Metric.VALIDITY, outcome.analysis(), version, found));
        metrics.add(
                Metric.VERSION_SPEND,
                outcome.calls().spent().add(outcome.calls().unconfirmed()),
                outcome.analysis(),
                version);
        metrics.time(
                Metric.VERSION_CALLS,
                Duration.ofMillis(calls.stream().mapToLong(ModelCall::getDurationMillis).sum()),
                outcome.analysis(),
                version);
        for (int i = 0; i < calls.size(); i++) {
            ModelCall call = calls.get(i);
            boolean gaveTheResult = outcome.reason().isEmpty() && i == calls.size() - 1;
            if (!gaveTheResult && call.getCostUsd().signum() > 0) {
                metrics.add(
                        Metric.WASTE,
                        call.getCostUsd(),
                        outcome.analysis(),
                        call.getModel().toString(),
                        cause(call));
            }
        }
    }

    /** Empty if the model gave no answer that could be judged. */
    private Optional<String> validity() {
        return switch (AnswerValidity.of(outcome.calls(), outcome.reason())) {
            case FIRST -> Optional.of("first");
            case REPAIRED -> Optional.of("repaired");
            case FAILED, UNKNOWN -> outcome.reason().filter(INVALID::contains).map(_ -> "invalid");
        };
    }

    private String cause(ModelCall call) {
        if (call.getStatus() == CallStatus.UNCONFIRMED) {
            return "unconfirmed";
        }
        return outcome.reason().isEmpty() ? "repaired" : "failed";
    }
}
