package dev.sluice.app.cli.requests;

import dev.sluice.app.cli.common.SafeText;
import dev.sluice.app.cli.common.Table;
import dev.sluice.app.cli.common.Terminal;
import dev.sluice.app.cli.common.Words;
import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.submit.Submission;
import dev.sluice.app.submit.SubmissionRun;
import dev.sluice.app.submit.SubmitListener;
import dev.sluice.app.submit.outcome.OutcomeSink;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reports a submission: outcomes on standard output as they come, or into a sink; progress and the
 * summary on standard error.
 */
final class SubmitReport implements SubmitListener, AutoCloseable {
    /** How often progress is reported where there is no progress bar. */
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    /** Time without an outcome after which the reason may be the service. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final String configWords;
    private final Submission submission;
    private final Optional<OutcomeSink> sink;
    private final InstantSource clock;
    private final Instant begun;
    private final Optional<ProgressBar> bar;
    private final Map<String, Integer> reasons = new TreeMap<>();
    private Instant reported;
    private Instant lastOutcome;
    private String waitReason = "";
    private int results;
    private int shared;
    private int earlier;
    private long inputTokens;
    private long outputTokens;
    private BigDecimal costUsd = BigDecimal.ZERO;
    private BigDecimal unconfirmedUsd = BigDecimal.ZERO;

    /**
     * @param configWords the option for the configuration, for hints
     * @param clock monotonic: not affected by changes of the system clock
     */
    SubmitReport(
            PrintWriter out,
            PrintWriter err,
            boolean json,
            String configWords,
            Submission submission,
            Optional<OutcomeSink> sink,
            InstantSource clock) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.configWords = configWords;
        this.submission = submission;
        this.sink = sink;
        this.clock = clock;
        this.begun = clock.instant();
        this.reported = begun;
        this.lastOutcome = begun;
        // Without a sink the outcomes themselves are on the terminal.
        this.bar =
                sink.isPresent() && !json && Terminal.isInteractive()
                        ? Optional.of(
                                new ProgressBarBuilder()
                                        .setTaskName("ended")
                                        .setInitialMax(submission.planned().size())
                                        .setStyle(ProgressBarStyle.ASCII)
                                        .showSpeed()
                                        .build())
                        : Optional.empty();
    }

    @Override
    public void waits(String why) {
        if (!why.equals(waitReason) && (waitReason.isEmpty() || isTime())) {
            waitReason = why;
            err.println(why);
            err.flush();
        }
    }

    @Override
    public void sent(long count) {
        if (bar.isEmpty() && isTime()) {
            err.printf(Locale.ROOT, "%,d of %,d sent%n", count, submission.planned().size());
            err.flush();
        }
    }

    @Override
    public void outcome(int index, OutcomeRecord outcome, boolean isEarlier) throws IOException {
        lastOutcome = clock.instant();
        count(outcome, isEarlier);
        bar.ifPresent(ProgressBar::step);
        String label = submission.planned().get(index).label();
        if (sink.isPresent()) {
            sink.get().add(index, outcome);
        }
        if (json) {
            out.println(line(label, outcome, isEarlier));
        } else if (sink.isEmpty()) {
            out.printf(
                    "%-40s  %-22s  %12s%s%n",
                    Table.cut(SafeText.of(label)),
                    outcome.reason().orElse("result"),
                    outcome.costUsd().toPlainString(),
                    isEarlier ? "  (earlier)" : "");
        }
        out.flush();
    }

    private void count(OutcomeRecord outcome, boolean isEarlier) {
        outcome.reason()
                .ifPresentOrElse(reason -> reasons.merge(reason, 1, Integer::sum), () -> results++);
        if (isEarlier) {
            earlier++;
            return;
        }
        shared += outcome.paidBy().isPresent() ? 1 : 0;
        inputTokens += outcome.inputTokens();
        outputTokens += outcome.outputTokens();
        costUsd = costUsd.add(outcome.costUsd());
        unconfirmedUsd = unconfirmedUsd.add(outcome.unconfirmedUsd());
    }

    @Override
    public void pending(int count) {
        if (count == 0 || !isTime()) {
            return;
        }
        Instant now = clock.instant();
        if (Duration.between(lastOutcome, now).compareTo(SILENCE) > 0) {
            err.printf(
                    Locale.ROOT,
                    "%s without an outcome, and none came for %d s: they may wait for the user's"
                            + " hourly limit (sluice budget set USER --requests-per-hour raises it),"
                            + " or for the service (sluice health says whether it is ready)%n",
                    Words.count(count, "request"),
                    Duration.between(lastOutcome, now).toSeconds());
        } else if (bar.isEmpty()) {
            int done = submission.planned().size() - count;
            double seconds = Duration.between(begun, now).toMillis() / 1000.0;
            double rate = Math.max(done - earlier, 0) / seconds;
            err.printf(
                    Locale.ROOT,
                    "%,d of %,d ended, %.1f/s%s%n",
                    done,
                    submission.planned().size(),
                    rate,
                    rate > 0 ? String.format(Locale.ROOT, ", %.0f s left", count / rate) : "");
        }
        err.flush();
    }

    /** Whether progress is to be reported now. */
    private boolean isTime() {
        Instant now = clock.instant();
        if (Duration.between(reported, now).compareTo(INTERVAL) < 0) {
            return false;
        }
        reported = now;
        return true;
    }

    /** Says what was published, and how to follow it. */
    void published(SubmissionRun run) {
        rejected(run);
        err.printf(
                Locale.ROOT,
                "%s published as run %s%nsluice results --run %s%s shows what has ended%n",
                Words.count(run.published(), "request"),
                submission.runId(),
                submission.runId(),
                configWords);
        err.flush();
    }

    /** Sums up the outcomes. */
    void finished(SubmissionRun run) {
        bar.ifPresent(ProgressBar::close);
        rejected(run);
        err.printf(
                Locale.ROOT,
                "%s: %s, %s%s%s%n",
                Words.count(submission.planned().size(), "request"),
                Words.count(results, "result"),
                Words.count(deadLetters(), "dead letter"),
                reasons.isEmpty() ? "" : " " + reasons,
                run.pending() > 0
                        ? String.format(Locale.ROOT, ", %,d without an outcome", run.pending())
                        : "");
        if (earlier > 0) {
            err.printf(
                    Locale.ROOT,
                    "%,d of them had ended before and were not sent again; their cost is not in"
                            + " the sum%n",
                    earlier);
        }
        if (shared > 0) {
            err.printf(Locale.ROOT, "%,d got the result of another request, at no cost%n", shared);
        }
        err.printf(
                Locale.ROOT,
                "%,d input and %,d output tokens, %s USD%s, %.1f s%n",
                inputTokens,
                outputTokens,
                costUsd.toPlainString(),
                unconfirmedUsd.signum() > 0
                        ? " and up to " + unconfirmedUsd.toPlainString() + " USD unconfirmed"
                        : "",
                Duration.between(begun, clock.instant()).toMillis() / 1000.0);
        if (deadLetters() > 0) {
            err.println("sluice dead-letters show REQUEST says why, and redrive runs them again");
        }
        err.flush();
    }

    private void rejected(SubmissionRun run) {
        run.rejected().forEach(one -> err.println("not accepted: " + SafeText.of(one)));
    }

    /** Number of requests that ended as dead letters. */
    int deadLetters() {
        return reasons.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static String line(String label, OutcomeRecord outcome, boolean isEarlier) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("source", label);
        line.put("outcome", outcome.isResult() ? "RESULT" : "DEAD_LETTER");
        line.put("endedBefore", isEarlier);
        line.set("record", RecordJson.of(outcome.value()));
        return RecordJson.line(line);
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
