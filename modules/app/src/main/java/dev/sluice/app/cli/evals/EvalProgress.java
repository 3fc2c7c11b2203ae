package dev.sluice.app.cli.evals;

import dev.sluice.app.cli.common.CallWaits;
import dev.sluice.app.cli.common.Terminal;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.run.EvalRunner;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far an eval is: a bar on a terminal, and a line now and then elsewhere. */
final class EvalProgress implements EvalRunner.Listener, AutoCloseable {
    private static final Duration REPORTED = Duration.ofSeconds(5);

    private final PrintWriter err;
    private final int all;
    private final CallWaits waits;
    private final Runnable check;
    private final Optional<ProgressBar> bar;
    private final Thread hint;
    private final AtomicInteger ended = new AtomicInteger();
    private long reported = System.nanoTime();

    /**
     * @param all number of runs that are made
     * @param check fails if the model takes no calls until an operator acts
     */
    EvalProgress(PrintWriter err, int all, CallWaits waits, Runnable check) {
        this.err = err;
        this.all = all;
        this.waits = waits;
        this.check = check;
        this.hint = new Thread(this::hint, "hint");
        Runtime.getRuntime().addShutdownHook(hint);
        this.bar =
                Terminal.isInteractive()
                        ? Optional.of(
                                new ProgressBarBuilder()
                                        .setTaskName("runs")
                                        .setInitialMax(all)
                                        .setStyle(ProgressBarStyle.ASCII)
                                        .showSpeed()
                                        .build())
                        : Optional.empty();
    }

    @Override
    public void ended(CaseRun run) {
        int made = ended.incrementAndGet();
        bar.ifPresent(ProgressBar::step);
        if (bar.isEmpty() && System.nanoTime() - reported > REPORTED.toNanos()) {
            reported = System.nanoTime();
            err.printf(Locale.ROOT, "%,d of %,d runs%n", made, all);
            err.flush();
        }
    }

    @Override
    public void waiting() {
        check.run();
        waits.longWaits().forEach(err::println);
        err.flush();
    }

    /** What an interrupted eval says at its end. */
    private void hint() {
        err.printf(
                Locale.ROOT,
                "%ninterrupted: %,d of %,d runs are kept; the same command makes the others%n",
                ended.get(),
                all);
        err.flush();
    }

    /** All runs have ended, so nothing is interrupted. */
    void done() {
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(hint);
        } catch (IllegalStateException e) {
            // The process ends already.
            return;
        }
    }

    @Override
    public void close() {
        done();
        bar.ifPresent(ProgressBar::close);
    }
}
