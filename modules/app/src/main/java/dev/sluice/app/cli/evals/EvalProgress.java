package dev.sluice.app.cli.evals;

import dev.sluice.app.cli.common.CallWaits;
import dev.sluice.app.cli.common.Terminal;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.run.EvalRunner;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
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
    private int ended;
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
        ended++;
        bar.ifPresent(ProgressBar::step);
        if (bar.isEmpty() && System.nanoTime() - reported > REPORTED.toNanos()) {
            reported = System.nanoTime();
            err.printf(Locale.ROOT, "%,d of %,d runs%n", ended, all);
            err.flush();
        }
    }

    @Override
    public void waiting() {
        check.run();
        waits.longWaits().forEach(err::println);
        err.flush();
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
