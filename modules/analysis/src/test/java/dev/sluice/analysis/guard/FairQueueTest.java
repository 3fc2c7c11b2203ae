package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.task.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FairQueueTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant NEVER = START.plus(Duration.ofDays(1));

    private final VirtualTime time = new VirtualTime(START);
    private final FairQueue queue = new FairQueue(time);
    private final List<Integer> passed = Collections.synchronizedList(new ArrayList<>());

    @Test
    void jobsPassInTheOrderOfArrival() throws InterruptedException {
        time.run(
                IntStream.range(0, 200)
                        .<Runnable>mapToObj(i -> () -> pass(i, Duration.ofMillis(i), false))
                        .toList());

        assertThat(passed).isEqualTo(IntStream.range(0, 200).boxed().toList());
        assertThat(queue.length()).isZero();
        // The first starts at once, and each holds up the others for a second.
        assertThat(time.instant()).isEqualTo(START.plusSeconds(200));
    }

    @Test
    void jobThatHasToComeBackGoesToTheFront() throws InterruptedException {
        time.run(
                List.of(
                        () -> pass(0, Duration.ZERO, false),
                        () -> pass(1, Duration.ofMillis(1), false),
                        () -> pass(2, Duration.ofMillis(2), true)));

        assertThat(passed.getLast()).isEqualTo(1);
    }

    @Test
    void interactiveJobsGoFirstAndEveryTenthPlaceIsForBulk() throws InterruptedException {
        List<Runnable> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int bulk = -1 - i;
            all.add(() -> pass(bulk, Duration.ofMillis(-bulk), Priority.BULK, false));
        }
        for (int i = 0; i < 40; i++) {
            int urgent = i;
            all.add(() -> pass(urgent, Duration.ofMillis(100 + urgent), false));
        }
        time.run(all);

        // The first bulk job was running when the interactive ones came, and gives way.
        assertThat(passed.subList(0, 9)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(passed.get(9)).isEqualTo(-1);
        assertThat(passed.get(19)).isEqualTo(-2);
        assertThat(passed.subList(0, 40).stream().filter(number -> number < 0)).hasSize(4);
        assertThat(passed.subList(44, 50)).containsExactly(-5, -6, -7, -8, -9, -10);
    }

    @Test
    void jobThatStepsAsideLetsOthersGoAndKeepsItsPlace() throws InterruptedException {
        time.run(
                List.of(
                        () -> passAside(0, Duration.ZERO),
                        () -> passAside(1, Duration.ofMillis(1)),
                        () -> pass(2, Duration.ofMillis(2), false),
                        () -> pass(3, Duration.ofMillis(3), false),
                        () -> pass(4, Duration.ofMillis(4), false),
                        () -> pass(5, Duration.ofMillis(5), false)));

        // The first two stay aside for two and a half turns.
        assertThat(passed).containsExactly(2, 3, 0, 1, 4, 5);
        assertThat(queue.length()).isZero();
    }

    @Test
    void jobThatLeavesWhileAsideBlocksNoOther() throws InterruptedException {
        time.run(
                List.of(
                        () -> {
                            try (FairQueue.Ticket ticket =
                                    joined(Duration.ZERO, Priority.INTERACTIVE, false)) {
                                ticket.awaitTurn(time, NEVER);
                                ticket.stepAside(Duration.ofSeconds(1));
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        () -> pass(1, Duration.ofMillis(1), false)));

        assertThat(passed).containsExactly(1);
        assertThat(queue.length()).isZero();
    }

    /** Has to come back later when it is first. */
    private void passAside(int number, Duration arrival) {
        try (FairQueue.Ticket ticket = joined(arrival, Priority.INTERACTIVE, false)) {
            ticket.awaitTurn(time, NEVER);
            Instant back = START.plusMillis(2_500);
            ticket.stepAside(Duration.between(time.instant(), back));
            time.until(back);
            ticket.stepBack();
            ticket.awaitTurn(time, NEVER);
            time.until(time.instant().plusSeconds(1));
            passed.add(number);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void waitAlsoEndsAtItsInstant() throws InterruptedException {
        List<Instant> gaveUp = new ArrayList<>();
        time.run(
                List.of(
                        () -> pass(0, Duration.ZERO, false),
                        () -> {
                            try (FairQueue.Ticket ticket =
                                    joined(Duration.ofMillis(1), Priority.INTERACTIVE, false)) {
                                ticket.awaitTurn(time, START.plusMillis(300));
                                assertThat(ticket.isFirst()).isFalse();
                                gaveUp.add(time.instant());
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        }));

        assertThat(gaveUp).containsExactly(START.plusMillis(300));
        assertThat(queue.length()).isZero();
    }

    /** Holds the first ticket for one second. */
    private void pass(int number, Duration arrival, boolean again) {
        pass(number, arrival, Priority.INTERACTIVE, again);
    }

    private void pass(int number, Duration arrival, Priority priority, boolean again) {
        try (FairQueue.Ticket ticket = joined(arrival, priority, again)) {
            Instant left = time.instant();
            Duration held = Duration.ZERO;
            while (held.compareTo(Duration.ofSeconds(1)) < 0) {
                ticket.awaitTurn(time, NEVER);
                left = time.instant();
                time.until(left.plusSeconds(1));
                held = ticket.isFirst() ? Duration.ofSeconds(1) : Duration.ZERO;
            }
            passed.add(number);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private FairQueue.Ticket joined(Duration arrival, Priority priority, boolean again)
            throws InterruptedException {
        time.until(START.plus(arrival));
        return queue.join(time, priority, again);
    }
}
