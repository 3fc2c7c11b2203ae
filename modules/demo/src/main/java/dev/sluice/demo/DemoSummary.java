package dev.sluice.demo;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The summary of a run.
 *
 * @param requests number of requested pages
 * @param missing pages without an outcome, with the reason as far as it is known
 */
record DemoSummary(
        int requests, List<DemoOutcome> outcomes, Map<String, String> missing, Duration elapsed) {
    boolean isComplete() {
        return missing.isEmpty() && outcomes.size() == requests;
    }

    long results() {
        return outcomes.stream().filter(DemoOutcome::isResult).count();
    }

    long deadLetters() {
        return outcomes.size() - results();
    }

    Map<String, Integer> deadLettersByReason() {
        Map<String, Integer> byReason = new TreeMap<>();
        outcomes.stream()
                .filter(outcome -> !outcome.isResult())
                .forEach(outcome -> byReason.merge(outcome.reason(), 1, Integer::sum));
        return byReason;
    }

    BigDecimal spend() {
        return outcomes.stream().map(DemoOutcome::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    long inputTokens() {
        return outcomes.stream().mapToLong(DemoOutcome::inputTokens).sum();
    }

    long outputTokens() {
        return outcomes.stream().mapToLong(DemoOutcome::outputTokens).sum();
    }
}
