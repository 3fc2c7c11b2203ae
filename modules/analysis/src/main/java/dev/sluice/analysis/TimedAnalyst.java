package dev.sluice.analysis;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.NoJournal;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Runs analyses that end within a time limit, whatever a call does: for those who wait for the
 * result, and have no Kafka. Safe for use by many threads.
 */
public final class TimedAnalyst {
    private final Analyst analyst;
    private final Duration limit;
    private final Watch watch;

    /** Is told what analyses do. */
    public interface Watch {
        /** Tells nobody. */
        Watch NONE =
                new Watch() {
                    @Override
                    public void asks(String model) {}

                    @Override
                    public void ended(Thread thread) {}
                };

        /** The analysis on this thread makes a call. */
        void asks(String model);

        /** The analysis on a thread has ended. */
        void ended(Thread thread);
    }

    /**
     * @param limit of each analysis, from its start
     */
    public TimedAnalyst(Analyst analyst, Duration limit, Watch watch) {
        this.analyst = analyst;
        this.limit = limit;
        this.watch = watch;
    }

    /**
     * Analyses content, on a thread of its own; returns when the limit is over at the latest.
     *
     * @param id for logs; never content
     * @param cap maximum cost of all calls together
     * @param prices unit prices of all models that may be called
     * @throws InterruptedException if this thread is interrupted; calls made so far are then not
     *     returned
     */
    public Analysis analyse(String id, String content, Cost cap, List<ModelPrice> prices)
            throws InterruptedException {
        CallLog calls = new CallLog();
        AnalysisTask task =
                new AnalysisTask(
                        id,
                        content,
                        Priority.INTERACTIVE,
                        InstantSource.system().instant().plus(limit),
                        cap,
                        prices,
                        calls);
        FutureTask<Analysis> work = new FutureTask<>(() -> analyst.analyse(task));
        Thread thread = Thread.ofVirtual().start(work);
        try {
            if (!thread.join(limit)) {
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            throw e;
        } finally {
            watch.ended(thread);
        }
        return switch (work.state()) {
            case SUCCESS -> work.resultNow();
            case FAILED -> cutOff(work, calls);
            case CANCELLED, RUNNING -> throw new IllegalStateException("the thread has ended");
        };
    }

    private Analysis cutOff(Future<Analysis> work, CallLog calls) {
        Throwable failure = work.exceptionNow();
        if (!(failure instanceof InterruptedException)) {
            throw new IllegalStateException("the analysis did not end", failure);
        }
        return new Analysis.Failed(
                new Failure.DeadlineExceeded(
                        "no valid output within "
                                + limit.toMillis() / 1_000.0
                                + " s; a call was running and may be charged. --deadline"
                                + " gives more time"),
                List.of(),
                calls.ended());
    }

    /**
     * The calls of an analysis, so that they are known though it runs into its limit. A call that
     * the limit cut off is listed at its worst case.
     */
    private final class CallLog extends NoJournal {
        private final List<Call> ended = new CopyOnWriteArrayList<>();

        List<Call> ended() {
            return List.copyOf(ended);
        }

        @Override
        public boolean starting(Call ifLost) {
            watch.asks(ifLost.deployment().model());
            return true;
        }

        @Override
        public void ended(Call call) {
            ended.add(call);
        }
    }
}
