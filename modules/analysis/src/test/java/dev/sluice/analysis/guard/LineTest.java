package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant NEVER = START.plus(Duration.ofDays(1));

    private final VirtualTime time = new VirtualTime(START);
    private final Line line = new Line();
    private final List<Integer> passed = Collections.synchronizedList(new ArrayList<>());

    @Test
    void everybodyPassesInTheOrderOfArrival() throws InterruptedException {
        time.run(
                IntStream.range(0, 200)
                        .<Runnable>mapToObj(i -> () -> pass(i, Duration.ofMillis(i), false))
                        .toList());

        assertThat(passed).isEqualTo(IntStream.range(0, 200).boxed().toList());
        assertThat(line.length()).isZero();
        // The first arrives at once, and each holds the others up for a second.
        assertThat(time.instant()).isEqualTo(START.plusSeconds(200));
    }

    @Test
    void whoeverHasToComeBackGoesToTheFront() throws InterruptedException {
        time.run(
                List.of(
                        () -> pass(0, Duration.ZERO, false),
                        () -> pass(1, Duration.ofMillis(1), false),
                        () -> pass(2, Duration.ofMillis(2), true)));

        assertThat(passed.getLast()).isEqualTo(1);
    }

    @Test
    void waitEndsAtItsInstantToo() throws InterruptedException {
        List<Instant> gaveUp = new ArrayList<>();
        time.run(
                List.of(
                        () -> pass(0, Duration.ZERO, false),
                        () -> {
                            try (Line.Place place = joined(Duration.ofMillis(1), false)) {
                                place.awaitTurn(time, START.plusMillis(300));
                                assertThat(place.isFirst()).isFalse();
                                gaveUp.add(time.instant());
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        }));

        assertThat(gaveUp).containsExactly(START.plusMillis(300));
        assertThat(line.length()).isZero();
    }

    /** Holds the first place for a second of its own. */
    private void pass(int number, Duration arrival, boolean again) {
        try (Line.Place place = joined(arrival, again)) {
            Instant left = time.instant();
            Duration held = Duration.ZERO;
            while (held.compareTo(Duration.ofSeconds(1)) < 0) {
                place.awaitTurn(time, NEVER);
                left = time.instant();
                time.until(left.plusSeconds(1));
                held = place.isFirst() ? Duration.ofSeconds(1) : Duration.ZERO;
            }
            passed.add(number);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Line.Place joined(Duration arrival, boolean again) throws InterruptedException {
        time.until(START.plus(arrival));
        return line.join(time, again);
    }
}
