package dev.sluice.worker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.worker.journal.IsolationTurns.Group;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class IsolationTurnsTest {
    /** A closed phase that lasts longer than any test. */
    private IsolationTurns turns =
            new IsolationTurns(InstantSource.system(), Duration.ofMinutes(1));

    private final ConcurrentMap<Group, AtomicInteger> inside = new ConcurrentHashMap<>();
    private final AtomicInteger violations = new AtomicInteger();

    @Test
    @Timeout(60)
    void suspectsAreNeverTogetherWithOthersAndEveryGroupGetsATurn() throws Exception {
        List<Thread> threads = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            Group group = Group.values()[random.nextInt(3)];
            threads.add(Thread.ofVirtual().start(() -> work(group)));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(violations).hasValue(0);
    }

    @Test
    @Timeout(60)
    void waitingGroupIsNotOvertakenForEver() throws Exception {
        turns.enter(Group.ALL);
        CountDownLatch alone = new CountDownLatch(1);
        Thread suspect =
                Thread.ofVirtual().start(() -> enterAndLeave(Group.ALONE, alone::countDown));
        await().until(() -> isWaiting(suspect));
        CountDownLatch late = new CountDownLatch(1);
        Thread newcomer =
                Thread.ofVirtual()
                        .start(() ->
                                enterAndLeave(
                                        Group.ALL,
                                        () -> {
                                            assertThat(alone.getCount()).isZero();
                                            late.countDown();
                                        }));

        turns.leave();

        assertThat(alone.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(late.await(10, TimeUnit.SECONDS)).isTrue();
        suspect.join();
        newcomer.join();
    }

    @Test
    @Timeout(60)
    void jobThatGivesUpWaitingBlocksNoOther() throws Exception {
        turns.enter(Group.ALL);
        Thread suspect = Thread.ofVirtual().start(() -> enterAndLeave(Group.ALONE, () -> {}));
        await().until(() -> isWaiting(suspect));

        suspect.interrupt();
        suspect.join();
        turns.leave();

        turns.enter(Group.ALL);
        turns.enter(Group.ALL);
        turns.leave();
        turns.leave();
    }

    @Test
    @Timeout(60)
    void newJobsEnterWhileASuspectWaitsForAJobThatDoesNotLeave() throws Exception {
        turns = new IsolationTurns(InstantSource.system(), Duration.ofMillis(20));
        turns.enter(Group.ALL);
        CountDownLatch entered = new CountDownLatch(1);
        Thread suspect =
                Thread.ofVirtual().start(() -> enterAndLeave(Group.ALONE, entered::countDown));
        await().until(() -> isWaiting(suspect));

        for (int i = 0; i < 10; i++) {
            turns.enter(Group.ALL);
            turns.leave();
        }

        assertThat(entered.getCount()).isEqualTo(1);
        turns.leave();
        suspect.join();
    }

    @Test
    @Timeout(60)
    void turnOfFewIsOpenedToAllInTheEnd() throws Exception {
        turns = new IsolationTurns(InstantSource.system(), Duration.ofMillis(5));
        turns.enter(Group.FEW);
        turns.enter(Group.FEW);

        turns.enter(Group.ALL);

        CountDownLatch alone = new CountDownLatch(1);
        Thread suspect =
                Thread.ofVirtual().start(() -> enterAndLeave(Group.ALONE, alone::countDown));
        await().until(() -> isWaiting(suspect));
        turns.leave();
        turns.leave();
        assertThat(alone.getCount()).isEqualTo(1);
        turns.leave();
        suspect.join();
        assertThat(alone.getCount()).isZero();
    }

    @Test
    @Timeout(60)
    void turnOfFewAdmitsNoOthersAtFirst() throws Exception {
        turns = new IsolationTurns(InstantSource.system(), Duration.ofMillis(100));
        turns.enter(Group.FEW);

        assertNoOtherEnters();
    }

    @Test
    @Timeout(60)
    void jobThatRunsAloneStaysAlone() throws Exception {
        turns = new IsolationTurns(InstantSource.system(), Duration.ofMillis(1));
        turns.enter(Group.ALONE);

        assertNoOtherEnters();
    }

    private void assertNoOtherEnters() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        Thread other = Thread.ofVirtual().start(() -> enterAndLeave(Group.ALL, entered::countDown));

        assertThat(entered.await(300, TimeUnit.MILLISECONDS)).isFalse();

        turns.leave();
        other.join();
    }

    /**
     * Each job stays inside for longer than the first closed phase, and at any time at least one is
     * inside.
     */
    @Test
    @Timeout(60)
    void suspectGetsItsTurnUnderConstantLoad() throws Exception {
        turns = new IsolationTurns(InstantSource.system(), Duration.ofMillis(20));
        CountDownLatch done = new CountDownLatch(1);
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            others.add(Thread.ofVirtual().start(() -> enterAndLeaveUntil(done)));
        }
        await().until(() -> others.stream().allMatch(IsolationTurnsTest::isWaiting));

        enterAndLeave(Group.ALONE, done::countDown);

        assertThat(done.getCount()).isZero();
        for (Thread other : others) {
            other.join();
        }
    }

    private void enterAndLeaveUntil(CountDownLatch done) {
        while (done.getCount() > 0) {
            enterAndLeave(Group.ALL, () -> stayInside(done));
        }
    }

    private static void stayInside(CountDownLatch done) {
        try {
            boolean _ = done.await(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING;
    }

    private void enterAndLeave(Group group, Runnable then) {
        try {
            turns.enter(group);
            then.run();
            turns.leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(Group group) {
        try {
            for (int i = 0; i < 20; i++) {
                turns.enter(group);
                check(group, counter(group).incrementAndGet());
                Thread.yield();
                counter(group).decrementAndGet();
                turns.leave();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void check(Group group, int together) {
        boolean tooMany =
                switch (group) {
                    case ALL -> false;
                    case FEW -> together > IsolationTurns.FEW;
                    case ALONE -> together > 1;
                };
        boolean mixed =
                inside.entrySet().stream()
                        .anyMatch(entry -> entry.getKey() != group && entry.getValue().get() > 0);
        if (tooMany || mixed) {
            violations.incrementAndGet();
        }
    }

    private AtomicInteger counter(Group group) {
        return inside.computeIfAbsent(group, key -> new AtomicInteger());
    }
}
