package dev.sluice.app.operate;

import dev.sluice.app.operate.OperationRefusedException.Kind;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Carries out one operation at a time, each within a limit of time: an operation reads topics in a
 * process that serves requests. Safe for use by many threads.
 */
final class OneAtATime implements AutoCloseable {
    /** How long {@link #close} waits for an operation that it has interrupted. */
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final Semaphore turn = new Semaphore(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Duration patience;

    /** What is carried out, and how long that may take. */
    private volatile String busyWith = "";

    /**
     * @param patience how long an operation waits for the one before it
     */
    OneAtATime(Duration patience) {
        this.patience = patience;
    }

    /**
     * Carries an operation out, and interrupts it if it takes longer than the limit.
     *
     * @param name such as "a list"
     * @param advice what to do if it takes longer
     * @throws OperationRefusedException if another one does not end in time, this one takes too
     *     long, or this is closed
     */
    <T> T run(String name, Duration limit, String advice, Callable<T> operation) {
        try {
            if (!turn.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new OperationRefusedException(
                        Kind.BUSY,
                        "this process is busy with "
                                + busyWith
                                + "; try again, or ask another process");
            }
            busyWith = name + " (" + limit.toSeconds() + " s at most)";
            return ended(started(operation), limit, advice);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stopping();
        }
    }

    private <T> Future<T> started(Callable<T> operation) {
        try {
            return threads.submit(() -> {
                try {
                    return operation.call();
                } finally {
                    turn.release();
                }
            });
        } catch (RejectedExecutionException e) {
            turn.release();
            throw stopping();
        }
    }

    private <T> T ended(Future<T> future, Duration limit, String advice)
            throws InterruptedException {
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new OperationRefusedException(
                    Kind.CONFLICT,
                    "this takes longer than " + limit.toSeconds() + " s here; " + advice);
        } catch (ExecutionException e) {
            if (threads.isShutdown()) {
                throw stopping();
            }
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new CompletionException(e);
            }
        }
    }

    private static OperationRefusedException stopping() {
        return new OperationRefusedException(
                Kind.BUSY,
                "this process is stopping; ask another one. What is redriven or discarded already"
                        + " is not done twice");
    }

    /** Interrupts the operation under way, and refuses further ones. */
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            boolean _ = threads.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
