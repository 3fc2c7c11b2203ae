package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.RefundPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One limit against providers that enforce it in different ways, event by event. */
class QuotaLoadTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final double LIMIT = 10_000_000;
    private static final Duration WARM_UP = Duration.ofSeconds(60);
    private static final Duration MEASURED = Duration.ofSeconds(180);

    /** Interval at which a waiting caller asks again. */
    private static final Duration LOOK = Duration.ofMillis(25);

    private final Random random = new Random(7);

    /** An end of a call, or a caller that may try again. */
    private record Event(Instant at, Runnable then) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparing(Event::at));
    private Instant now = START;
    private Provider provider = Provider.bucket(LIMIT, Duration.ofSeconds(60), false, START);
    private boolean silent;

    /** Remaining units are reported as of the end of the answer, not the arrival of the call. */
    private boolean saysAtTheEnd;

    private int latencyMillis = 1_000;
    private double usedPart = 0.5;
    private int smallestCall = 1_200;
    private Duration warmUp = WARM_UP;
    private Duration measured = MEASURED;

    static Stream<Arguments> providers() {
        return Stream.of(
                Arguments.of(
                        "bucket of 60 s that settles",
                        Provider.bucket(LIMIT, Duration.ofSeconds(60), true, START)),
                Arguments.of(
                        "bucket of 5 s that settles",
                        Provider.bucket(LIMIT, Duration.ofSeconds(5), true, START)),
                Arguments.of(
                        "bucket of 60 s that does not settle",
                        Provider.bucket(LIMIT, Duration.ofSeconds(60), false, START)),
                Arguments.of(
                        "bucket of 5 s that does not settle",
                        Provider.bucket(LIMIT, Duration.ofSeconds(5), false, START)),
                Arguments.of(
                        "windows of 1 s",
                        Provider.window(
                                LIMIT, Duration.ofSeconds(1), Duration.ofMillis(300), START)),
                Arguments.of(
                        "windows of 10 s",
                        Provider.window(
                                LIMIT, Duration.ofSeconds(10), Duration.ofMillis(4_300), START)),
                Arguments.of(
                        "windows of 60 s",
                        Provider.window(
                                LIMIT, Duration.ofSeconds(60), Duration.ofMillis(23_300), START)));
    }

    @Test
    void refundsThatAreConfiguredAbsentAreNotTried() {
        provider = Provider.bucket(LIMIT, Duration.ofSeconds(60), true, START);
        Quota configured = new Quota(LIMIT, RefundPolicy.NONE, 1, START);

        var _ = run(provider, List.of(configured));

        assertThat(configured.refunds()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    void limitIsUsedToTheLastPercentAndHardlyACallIsRejected(String name, Provider provider) {
        assertUsed(run(provider, List.of(new Quota(LIMIT, RefundPolicy.UNKNOWN, 1, START))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    void threeWorkersUseItTogether(String name, Provider provider) {
        assertUsed(run(provider, ofThreeWorkers()));
    }

    /**
     * Units that a worker could not send with a smaller share are not sent at once with a larger
     * one.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    void movingSharesCauseNoRejections(String name, Provider provider) {
        List<Quota> quotas = ofThreeWorkers();
        Instant end = START.plus(warmUp).plus(measured);
        boolean whole = true;
        for (Instant move = START.plus(warmUp); move.isBefore(end); move = move.plusMillis(4_370)) {
            List<Double> shares =
                    whole ? List.of(0.5, 0.5, 0.0) : List.of(1.0 / 3, 1.0 / 3, 1.0 / 3);
            whole = !whole;
            then(
                    move,
                    () -> {
                        for (int i = 0; i < 3; i++) {
                            quotas.get(i).share(shares.get(i), now);
                        }
                    });
        }

        Result result = run(provider, quotas);

        assertThat(result.used()).isBetween(0.95, 1.0);
        assertThat(result.rejected()).isLessThanOrEqualTo(0.001);
    }

    private static List<Quota> ofThreeWorkers() {
        return Stream.generate(() -> new Quota(LIMIT, RefundPolicy.UNKNOWN, 1.0 / 3, START))
                .limit(3)
                .toList();
    }

    private static void assertUsed(Result result) {
        assertThat(result.used()).isBetween(0.97, 1.0);
        assertThat(result.rejected()).isLessThanOrEqualTo(0.001);
    }

    /** Units used by others flow back even while no answer reports it. */
    @ParameterizedTest
    @CsvSource({"5000, 3", "12000, 2", "14000, 1", "3000, 8"})
    void callsLargeForAWorkersShareAreNotHeldBackForever(int smallest, int workers) {
        smallestCall = smallest;
        warmUp = Duration.ofMinutes(60);
        measured = Duration.ofMinutes(120);
        Provider provider = Provider.bucket(30_000, Duration.ofSeconds(60), false, START);
        List<Quota> quotas = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            quotas.add(new Quota(30_000, RefundPolicy.UNKNOWN, 1.0 / workers, START));
        }

        Result result = run(provider, quotas);

        assertThat(result.used()).isBetween(0.9, 1.0);
        // Two large ones at once may be more than the limit.
        assertThat(result.rejected()).isLessThanOrEqualTo(0.05);
    }

    /** Calls in flight report the old limit. */
    @ParameterizedTest
    @CsvSource({"true, 0.9", "false, 1.0", "false, 0.97"})
    void limitReducedToATenthIsUsedSoon(boolean settles, double part) {
        saysAtTheEnd = true;
        latencyMillis = 30_000;
        usedPart = part;
        smallestCall = 12_000;
        Quota quota =
                new Quota(
                        2_000_000, settles ? RefundPolicy.REFUNDS : RefundPolicy.UNKNOWN, 1, START);
        provider = Provider.bucket(2_000_000, Duration.ofSeconds(60), settles, START);
        then(START, () -> send(quota));
        runUntil(START.plusSeconds(120));
        quota.limit(200_000, now);
        provider = Provider.bucket(200_000, Duration.ofSeconds(60), settles, now);
        Instant fell = now;
        runUntil(fell.plusSeconds(120));
        double used = provider.used;
        runUntil(fell.plusSeconds(480));

        assertThat((provider.used - used) / (200_000 * 6)).isBetween(0.85, 1.02);
    }

    /** The duration of calls and their use of reservations have little effect. */
    @Property(tries = 40)
    void limitHoldsAndIsUsedForAllKindsOfCalls(
            @ForAll @IntRange(min = 200, max = 15_000) int latency,
            @ForAll @DoubleRange(min = 0.3, max = 0.9) double part,
            @ForAll @LongRange(min = 3_000_000, max = 30_000_000) long limit,
            @ForAll @IntRange(max = 5) int kind) {
        latencyMillis = latency;
        usedPart = part;
        Duration length = Duration.ofSeconds(new int[] {60, 5, 5, 1, 10, 60}[kind]);
        Provider provider =
                kind < 3
                        ? Provider.bucket(limit, length, kind < 2, START)
                        : Provider.window(limit, length, length.dividedBy(3), START);

        Result result = run(provider, List.of(new Quota(limit, RefundPolicy.UNKNOWN, 1, START)));

        assertThat(result.used()).isBetween(0.95, 1.01);
        assertThat(result.rejected()).isLessThanOrEqualTo(0.001);
    }

    @Test
    void quotaWithoutReportsKeepsTheLimitByEstimates() {
        silent = true;
        Provider provider = Provider.bucket(LIMIT, Duration.ofSeconds(5), true, START);

        Result result = run(provider, List.of(new Quota(LIMIT, RefundPolicy.UNKNOWN, 1, START)));

        assertThat(result.used()).as("half of what is reserved is used").isBetween(0.48, 0.50);
        assertThat(provider.rejected).isZero();
    }

    @Test
    void quotaOfAProviderKnownToSettleNeedsNoReports() {
        silent = true;
        Provider provider = Provider.bucket(LIMIT, Duration.ofSeconds(60), true, START);

        Result result = run(provider, List.of(new Quota(LIMIT, RefundPolicy.REFUNDS, 1, START)));

        assertThat(result.used()).isBetween(0.97, 1.0);
        assertThat(provider.rejected).isZero();
    }

    private record Result(double used, double rejected) {}

    private Result run(Provider asked, List<Quota> quotas) {
        provider = asked;
        quotas.forEach(quota -> then(START, () -> send(quota)));
        runUntil(START.plus(warmUp));
        double before = provider.used;
        runUntil(START.plus(warmUp).plus(measured));

        double possible = provider.perMinute / 60 * measured.toSeconds();
        double share = (provider.used - before) / possible;
        double rejected = (double) provider.rejected / (provider.taken + provider.rejected);
        return new Result(share, rejected);
    }

    /** A caller that always has a call to make. */
    private void send(Quota quota) {
        double estimate = smallestCall + random.nextInt(smallestCall / 2);
        double actual = estimate * usedPart * (0.95 + 0.1 * random.nextDouble());
        Duration wait = quota.wait(estimate, now);
        if (wait.isPositive()) {
            Duration jitter = Duration.ofNanos(random.nextInt(1_000_000));
            Duration look = wait.compareTo(LOOK) > 0 ? LOOK : wait;
            then(now.plus(look).plus(jitter), () -> send(quota));
            return;
        }
        Quota.Reservation reservation = quota.reserve(estimate, now);
        Duration way = Duration.ofNanos(200_000 + random.nextInt(2_000_000));
        then(now.plus(way), () -> arrive(quota, reservation, actual));
        then(now, () -> send(quota));
    }

    private void arrive(Quota quota, Quota.Reservation reservation, double actual) {
        Provider taker = provider;
        if (!taker.take(reservation.units(), now)) {
            quota.throttled(now);
            return;
        }
        var said = taker.says(now);
        Duration time =
                Duration.ofMillis(latencyMillis * 7 / 10 + random.nextInt(latencyMillis * 6 / 10));
        then(
                now.plus(time),
                () -> {
                    taker.settle(reservation.units(), actual);
                    quota.settle(reservation, actual, now);
                    if (!silent) {
                        quota.reported(reservation, saysAtTheEnd ? provider.says(now) : said, now);
                    }
                });
    }

    private void then(Instant at, Runnable event) {
        events.add(new Event(at, event));
    }

    private void runUntil(Instant end) {
        while (!events.isEmpty() && events.peek().at().isBefore(end)) {
            Event event = events.poll();
            now = event.at();
            event.then().run();
        }
    }
}
