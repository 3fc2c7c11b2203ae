package dev.sluice.analysis.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.compute.Computed.Done;
import dev.sluice.analysis.compute.Computed.Stopped;
import dev.sluice.analysis.task.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ComputePoolTest {
    /** Larger than the largest piece for the thread for small pieces. */
    private static final long LARGE = 100_000;

    private static final Duration LONG = Duration.ofMinutes(1);

    private final List<Boolean> cutOffs = new CopyOnWriteArrayList<>();
    private final AtomicLong shortest = new AtomicLong(Long.MAX_VALUE);
    private final AtomicBoolean released = new AtomicBoolean();
    private final List<ComputePool> pools = new ArrayList<>();

    @AfterEach
    void close() {
        released.set(true);
        pools.forEach(ComputePool::close);
    }

    @Test
    void workRunsOnAPlatformThreadAndItsValueIsReturned() throws InterruptedException {
        ComputePool pool = pool(1, LONG);

        assertThat(run(pool, () -> Thread.currentThread().isVirtual()))
                .isEqualTo(new Done<>(false));
        assertThat(cutOffs).containsExactly(false);
    }

    @Test
    void exceptionOfTheWorkIsThrownToTheCaller() throws InterruptedException {
        ComputePool pool = pool(1, LONG);

        assertThatThrownBy(() -> run(pool, () -> overflow(0)))
                .isInstanceOf(StackOverflowError.class);
        assertThatThrownBy(() -> run(pool, () -> List.of().getFirst()))
                .isInstanceOf(java.util.NoSuchElementException.class);
        assertThat(run(pool, () -> 1)).isEqualTo(new Done<>(1));
    }

    @Test
    void workThatTakesTooLongIsCutOffAndTheThreadContinues() throws InterruptedException {
        ComputePool pool = pool(1, Duration.ofMillis(50));

        assertThat(run(pool, ComputePoolTest::loopsWithChecks))
                .isEqualTo(
                        new Stopped<>(
                                "judging the answer took more than 0.05 s of CPU time and was cut"
                                        + " off"));
        assertThat(run(pool, () -> Thread.currentThread().isInterrupted()))
                .isEqualTo(new Done<>(false));
        assertThat(cutOffs).containsExactly(true, false);
        assertThat(pool.stuck()).isZero();
    }

    /** The caller may see the outcome before the computing thread does anything more. */
    @Test
    void timeOfAComputationIsKnownWhenItsOutcomeIs() throws InterruptedException {
        ComputePool pool = pool(1, LONG);

        for (int i = 0; i < 3_000; i++) {
            assertThat(run(pool, () -> 1)).isEqualTo(new Done<>(1));
        }

        assertThat(shortest).hasNonNegativeValue();
    }

    @Test
    void threadThatDiesIsReplaced() throws InterruptedException {
        ComputePool pool = pool(1, LONG);
        Thread thread = done(run(pool, Thread::currentThread));

        await().until(() -> thread.getState() == Thread.State.WAITING);
        thread.interrupt();
        thread.join();

        assertThat(done(run(pool, Thread::currentThread))).isNotEqualTo(thread);
    }

    private static <T> T done(Computed<T> computed) {
        return switch (computed) {
            case Done<T>(T value) -> value;
            case Stopped<T> stopped -> throw new AssertionError(stopped);
        };
    }

    @Test
    void workThatIgnoresItsCutOffIsCountedAndHoldsUpNothing() throws InterruptedException {
        ComputePool pool = pool(1, Duration.ofMillis(50));

        assertThat(run(pool, this::loopsWithoutChecks)).isInstanceOf(Stopped.class);
        assertThat(run(pool, () -> "next")).isEqualTo(new Done<>("next"));
        assertThat(pool.stuck()).isEqualTo(1);

        released.set(true);
        await().atMost(LONG).until(() -> pool.stuck() == 0);
    }

    @Test
    void workOfAnInterruptedCallerIsCutOff() throws Exception {
        ComputePool pool = pool(1, LONG);
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Thread caller =
                Thread.ofVirtual()
                        .start(
                                task(
                                        pool,
                                        Priority.BULK,
                                        Step.PREPARE,
                                        () -> {
                                            began.countDown();
                                            try {
                                                return loopsWithChecks();
                                            } finally {
                                                ended.countDown();
                                            }
                                        }));
        began.await();

        caller.interrupt();

        ended.await();
        caller.join();
        assertThat(run(pool, () -> 1)).isEqualTo(new Done<>(1));
    }

    @Test
    void interactiveGoesFirstAndAnswersBeforeContentButATenthIsForBulk() throws Exception {
        ComputePool pool = pool(1, LONG);
        CountDownLatch gate = new CountDownLatch(1);
        List<String> order = new CopyOnWriteArrayList<>();
        List<Thread> callers = new ArrayList<>();
        callers.add(caller(pool, Priority.INTERACTIVE, Step.PREPARE, () -> waitFor(gate)));
        await().atMost(LONG).until(() -> pool.waiting(Priority.INTERACTIVE) == 0);
        for (int i = 0; i < 20; i++) {
            for (Priority priority : Priority.values()) {
                for (Step step : List.of(Step.PREPARE, Step.JUDGE)) {
                    String name = priority + " " + step;
                    callers.add(caller(pool, priority, step, () -> order.add(name)));
                }
            }
        }
        await().atMost(LONG)
                .until(() ->
                        pool.waiting(Priority.INTERACTIVE) + pool.waiting(Priority.BULK) == 80);

        gate.countDown();
        for (Thread caller : callers) {
            caller.join();
        }

        assertThat(order.subList(0, 20))
                .filteredOn(name -> name.equals("INTERACTIVE JUDGE"))
                .hasSizeBetween(18, 19);
        assertThat(order.subList(0, 20))
                .filteredOn(name -> name.startsWith("BULK"))
                .hasSizeBetween(1, 2)
                .containsOnly("BULK JUDGE");
        assertThat(order).hasSize(80);
    }

    @Test
    void smallContentOvertakesLargeContentQueuedALittleEarlier() throws Exception {
        ComputePool pool = pool(1, LONG);
        CountDownLatch gate = new CountDownLatch(1);
        List<Long> order = new CopyOnWriteArrayList<>();
        List<Thread> callers = new ArrayList<>();
        callers.add(caller(pool, Priority.INTERACTIVE, Step.PREPARE, () -> waitFor(gate)));
        await().atMost(LONG).until(() -> pool.waiting(Priority.INTERACTIVE) == 0);
        for (long size : List.of(500 * LARGE, 10_000 * LARGE, LARGE)) {
            int before = pool.waiting(Priority.INTERACTIVE);
            callers.add(Thread.ofVirtual().start(sized(pool, size, () -> order.add(size))));
            await().atMost(LONG).until(() -> pool.waiting(Priority.INTERACTIVE) > before);
        }

        gate.countDown();
        for (Thread caller : callers) {
            caller.join();
        }

        assertThat(order).containsExactly(LARGE, 500 * LARGE, 10_000 * LARGE);
    }

    @Test
    void smallPiecesDoNotWaitForLargeOnes() throws Exception {
        ComputePool pool = pool(1, LONG);
        CountDownLatch gate = new CountDownLatch(1);
        Thread large = caller(pool, Priority.INTERACTIVE, Step.JUDGE, () -> waitFor(gate));
        await().atMost(LONG).until(() -> pool.waiting(Priority.INTERACTIVE) == 0);

        assertThat(pool.run(Priority.BULK, Step.PREPARE, 10, () -> "small"))
                .isEqualTo(new Done<>("small"));

        gate.countDown();
        large.join();
    }

    @Test
    void closedPoolRejectsCallersAtOnce() throws Exception {
        ComputePool pool = pool(1, LONG);
        CountDownLatch began = new CountDownLatch(1);
        FutureTask<?> first =
                task(
                        pool,
                        Priority.BULK,
                        Step.JUDGE,
                        () -> {
                            began.countDown();
                            return loopsWithChecks();
                        });
        var _ = Thread.ofVirtual().start(first);
        began.await();

        pool.close();

        assertThatThrownBy(first::get).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> run(pool, () -> 1)).isInstanceOf(IllegalStateException.class);
    }

    private static int overflow(int depth) {
        return overflow(depth + 1) + 1;
    }

    private static Object loopsWithChecks() {
        while (true) {
            CutOff.check();
            Thread.onSpinWait();
        }
    }

    private Object loopsWithoutChecks() {
        while (!released.get()) {
            Thread.onSpinWait();
        }
        return "late";
    }

    private static boolean waitFor(CountDownLatch gate) throws InterruptedException {
        gate.await();
        return true;
    }

    private static Thread caller(ComputePool pool, Priority priority, Step step, Callable<?> work) {
        return Thread.ofVirtual().start(task(pool, priority, step, work));
    }

    private static FutureTask<?> task(
            ComputePool pool, Priority priority, Step step, Callable<?> work) {
        return new FutureTask<>(() -> pool.run(priority, step, LARGE, work));
    }

    private static FutureTask<?> sized(ComputePool pool, long size, Callable<?> work) {
        return new FutureTask<>(() -> pool.run(Priority.INTERACTIVE, Step.PREPARE, size, work));
    }

    private static <T> Computed<T> run(ComputePool pool, Callable<T> work)
            throws InterruptedException {
        return pool.run(Priority.INTERACTIVE, Step.JUDGE, LARGE, work);
    }

    private ComputePool pool(int threads, Duration timeout) {
        ComputePool pool =
                ComputePool.start(
                        new ComputeLimits(threads, timeout),
                        (step, waited, took, cutOff) -> {
                            cutOffs.add(cutOff);
                            shortest.accumulateAndGet(took.toNanos(), Math::min);
                        });
        pools.add(pool);
        return pool;
    }
}
