package dev.sluice.admission.canary;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trials of equal versions of which one is slower, on several tasks. */
class OwnCountsTest {
    private static final Instant START = Instant.parse("2026-11-23T12:00:00Z");
    private static final int TRIALS = 300;
    private static final int TASKS = 4;
    private static final int REQUESTS = 3_000;
    private static final double SHARE = 0.1;
    private static final double FAILING = 0.05;

    /** 5 % of 300, and three standard deviations of chance. */
    private static final int MOST_STOPS = 26;

    private record Ending(
            long atMillis, int task, long cohort, boolean isCanary, boolean isFailed) {}

    /**
     * The failures of the faster version come first. Tested in that order, far more than 5 % of
     * these canaries would be stopped if the current version is slower.
     */
    @ParameterizedTest
    @CsvSource({"4, 4", "4, 60", "60, 4", "4, 600"})
    void equalCanaryIsSeldomStoppedIfOneVersionIsSlower(long canarySeconds, long currentSeconds) {
        Random random = new Random(41);
        int stopped = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            stopped += isStopped(random, canarySeconds, currentSeconds) ? 1 : 0;
        }
        assertThat(stopped).isLessThanOrEqualTo(MOST_STOPS);
    }

    private static boolean isStopped(Random random, long canarySeconds, long currentSeconds) {
        List<OwnCounts> tasks = new ArrayList<>();
        for (int task = 0; task < TASKS; task++) {
            tasks.add(OwnCounts.none());
        }
        PriorityQueue<Ending> running =
                new PriorityQueue<>(Comparator.comparingLong(Ending::atMillis));
        for (int i = 0; i < REQUESTS; i++) {
            // Ten requests a second, and a look each second.
            long millis = i * 100L;
            Instant now = START.plusMillis(millis);
            while (!running.isEmpty() && running.peek().atMillis() <= millis) {
                Ending ended = running.poll();
                tasks.get(ended.task())
                        .ended(
                                ended.cohort(),
                                ended.isCanary(),
                                ended.isFailed(),
                                ended.isFailed());
            }
            if (i % 10 == 0 && isWorse(tasks, now)) {
                return true;
            }
            boolean isCanary = random.nextDouble() < SHARE;
            int task = random.nextInt(TASKS);
            long cohort = Cohort.number(now);
            tasks.get(task).admitted(cohort, isCanary, now);
            long mean = isCanary ? canarySeconds : currentSeconds;
            double took = mean * 1_000 * (0.5 + random.nextDouble());
            running.add(
                    new Ending(
                            millis + (long) took,
                            task,
                            cohort,
                            isCanary,
                            random.nextDouble() < FAILING));
        }
        while (!running.isEmpty()) {
            Ending ended = running.poll();
            tasks.get(ended.task())
                    .ended(ended.cohort(), ended.isCanary(), ended.isFailed(), ended.isFailed());
        }
        return isWorse(tasks, START.plus(Duration.ofHours(1)));
    }

    private static boolean isWorse(List<OwnCounts> tasks, Instant now) {
        TrialCounts sum = TrialCounts.NONE;
        for (OwnCounts task : tasks) {
            boolean _ = task.close(now);
            sum = sum.plus(task.counts());
        }
        return sum.concluded(SHARE) == TrialState.STOPPED;
    }
}
