package dev.sluice.admission.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ArrivalsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:30Z");

    @Example
    void nextRequestPassesWhenTheOldestMinuteNoLongerCounts() {
        Arrivals arrivals = Arrivals.NONE;
        for (int i = 0; i < 3; i++) {
            Instant now = NOON.plus(Duration.ofMinutes(i));
            assertThat(arrivals.fullUntil(3, now)).isEmpty();
            arrivals = arrivals.with(now);
        }

        Instant then = NOON.plus(Duration.ofMinutes(3));
        Instant free = Instant.parse("2026-11-23T13:01:00Z");
        assertThat(arrivals.fullUntil(3, then)).contains(free);
        assertThat(arrivals.fullUntil(2, then)).contains(free.plus(Duration.ofMinutes(1)));
        assertThat(arrivals.fullUntil(3, free.minusMillis(1))).contains(free);
        assertThat(arrivals.fullUntil(3, free)).isEmpty();
    }

    @Example
    void clockSetBackDropsFutureMinutes() {
        Arrivals arrivals = Arrivals.NONE.with(NOON.plus(Duration.ofDays(1)));

        assertThat(arrivals.fullUntil(1, NOON)).isEmpty();
        assertThat(arrivals.with(NOON).minutes()).hasSize(1);
    }

    @Property
    void noHourExceedsTheLimitAndAtMost61MinutesAreKept(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int perHour) {
        Random random = new Random(seed);
        Arrivals arrivals = Arrivals.NONE;
        List<Instant> passed = new ArrayList<>();
        Instant now = NOON;
        for (int i = 0; i < 500; i++) {
            now = now.plusMillis(random.nextInt(300_000));
            Optional<Instant> full = arrivals.fullUntil(perHour, now);
            if (full.isEmpty()) {
                arrivals = arrivals.with(now);
                passed.add(now);
            } else {
                assertThat(full.get()).isAfter(now).isBeforeOrEqualTo(now.plusSeconds(61 * 60));
                assertThat(arrivals.fullUntil(perHour, full.get())).isEmpty();
            }
            Instant hourAgo = now.minus(Duration.ofHours(1));
            assertThat(passed.stream().filter(instant -> instant.isAfter(hourAgo)).count())
                    .isLessThanOrEqualTo(perHour);
            assertThat(arrivals.minutes().size()).isLessThanOrEqualTo(61);
        }
    }
}
