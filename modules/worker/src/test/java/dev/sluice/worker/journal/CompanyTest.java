package dev.sluice.worker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.worker.journal.Company.Size;
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

class CompanyTest {
    /** Closed to newcomers for longer than a test takes. */
    private Company company = new Company(InstantSource.system(), Duration.ofMinutes(1));

    private final ConcurrentMap<Size, AtomicInteger> inside = new ConcurrentHashMap<>();
    private final AtomicInteger violations = new AtomicInteger();

    @Test
    @Timeout(60)
    void suspectsAreNeverTogetherWithOthersAndEverybodyGetsATurn() throws Exception {
        List<Thread> threads = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            Size size = Size.values()[random.nextInt(3)];
            threads.add(Thread.ofVirtual().start(() -> work(size)));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(violations).hasValue(0);
    }

    @Test
    @Timeout(60)
    void oneWhoWaitsForATurnIsNotOvertakenForEver() throws Exception {
        company.enter(Size.ANY);
        CountDownLatch alone = new CountDownLatch(1);
        Thread suspect = Thread.ofVirtual().start(() -> enterAndLeave(Size.NONE, alone::countDown));
        await().until(() -> isWaiting(suspect));
        CountDownLatch late = new CountDownLatch(1);
        Thread newcomer =
                Thread.ofVirtual()
                        .start(() ->
                                enterAndLeave(
                                        Size.ANY,
                                        () -> {
                                            assertThat(alone.getCount()).isZero();
                                            late.countDown();
                                        }));

        company.leave();

        assertThat(alone.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(late.await(10, TimeUnit.SECONDS)).isTrue();
        suspect.join();
        newcomer.join();
    }

    @Test
    @Timeout(60)
    void oneWhoGivesUpWaitingHoldsNobodyBack() throws Exception {
        company.enter(Size.ANY);
        Thread suspect = Thread.ofVirtual().start(() -> enterAndLeave(Size.NONE, () -> {}));
        await().until(() -> isWaiting(suspect));

        suspect.interrupt();
        suspect.join();
        company.leave();

        company.enter(Size.ANY);
        company.enter(Size.ANY);
        company.leave();
        company.leave();
    }

    @Test
    @Timeout(60)
    void newcomersEnterWhileASuspectWaitsForOneWhoDoesNotLeave() throws Exception {
        company = new Company(InstantSource.system(), Duration.ofMillis(20));
        company.enter(Size.ANY);
        CountDownLatch entered = new CountDownLatch(1);
        Thread suspect =
                Thread.ofVirtual().start(() -> enterAndLeave(Size.NONE, entered::countDown));
        await().until(() -> isWaiting(suspect));

        for (int i = 0; i < 10; i++) {
            company.enter(Size.ANY);
            company.leave();
        }

        assertThat(entered.getCount()).isEqualTo(1);
        company.leave();
        suspect.join();
    }

    @Test
    @Timeout(60)
    void aFewWhoDoNotLeaveAreJoinedByEverybodyInTheEnd() throws Exception {
        company = new Company(InstantSource.system(), Duration.ofMillis(5));
        company.enter(Size.FEW);
        company.enter(Size.FEW);

        company.enter(Size.ANY);

        CountDownLatch alone = new CountDownLatch(1);
        Thread suspect = Thread.ofVirtual().start(() -> enterAndLeave(Size.NONE, alone::countDown));
        await().until(() -> isWaiting(suspect));
        company.leave();
        company.leave();
        assertThat(alone.getCount()).isEqualTo(1);
        company.leave();
        suspect.join();
        assertThat(alone.getCount()).isZero();
    }

    @Test
    @Timeout(60)
    void aFewAreAmongThemselvesAtFirst() throws Exception {
        company = new Company(InstantSource.system(), Duration.ofMillis(100));
        company.enter(Size.FEW);

        assertNobodyElseEnters();
    }

    @Test
    @Timeout(60)
    void oneWhoIsAloneStaysAlone() throws Exception {
        company = new Company(InstantSource.system(), Duration.ofMillis(1));
        company.enter(Size.NONE);

        assertNobodyElseEnters();
    }

    private void assertNobodyElseEnters() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        Thread other = Thread.ofVirtual().start(() -> enterAndLeave(Size.ANY, entered::countDown));

        assertThat(entered.await(300, TimeUnit.MILLISECONDS)).isFalse();

        company.leave();
        other.join();
    }

    /** Everybody stays inside for longer than it is closed at first, and somebody always is. */
    @Test
    @Timeout(60)
    void suspectGetsItsTurnHoweverMuchGoesOn() throws Exception {
        company = new Company(InstantSource.system(), Duration.ofMillis(20));
        CountDownLatch done = new CountDownLatch(1);
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            others.add(Thread.ofVirtual().start(() -> enterAndLeaveUntil(done)));
        }
        await().until(() -> others.stream().allMatch(CompanyTest::isWaiting));

        enterAndLeave(Size.NONE, done::countDown);

        assertThat(done.getCount()).isZero();
        for (Thread other : others) {
            other.join();
        }
    }

    private void enterAndLeaveUntil(CountDownLatch done) {
        while (done.getCount() > 0) {
            enterAndLeave(Size.ANY, () -> stayInside(done));
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

    private void enterAndLeave(Size size, Runnable then) {
        try {
            company.enter(size);
            then.run();
            company.leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(Size size) {
        try {
            for (int i = 0; i < 20; i++) {
                company.enter(size);
                check(size, counter(size).incrementAndGet());
                Thread.yield();
                counter(size).decrementAndGet();
                company.leave();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void check(Size size, int together) {
        boolean tooMany =
                switch (size) {
                    case ANY -> false;
                    case FEW -> together > Company.FEW;
                    case NONE -> together > 1;
                };
        boolean mixed =
                inside.entrySet().stream()
                        .anyMatch(entry -> entry.getKey() != size && entry.getValue().get() > 0);
        if (tooMany || mixed) {
            violations.incrementAndGet();
        }
    }

    private AtomicInteger counter(Size size) {
        return inside.computeIfAbsent(size, key -> new AtomicInteger());
    }
}
