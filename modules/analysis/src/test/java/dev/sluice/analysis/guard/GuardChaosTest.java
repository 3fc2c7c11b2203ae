package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.ScriptedModel;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.guard.GuardedModel.Outcome;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One hour of random faults of a deployment: outages that fail at once or hang, 429s, changes of
 * the wall clock, jobs cancelled in any state of waiting, and partition moves, in which a third of
 * the jobs leave and the share of the limits changes.
 */
class GuardChaosTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration LENGTH = Duration.ofMinutes(60);
    private static final String MODEL = "gpt-4.1-mini";
    private static final int JOBS = 300;

    /** Timeout of {@link Deployments#named}. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * Time for a probe that hangs, the wait for the next one, a backoff, and a queue of half an
     * hour.
     */
    private static final Duration AFTERWARDS =
            TIMEOUT.plusSeconds(10).plusSeconds(30).plusSeconds(60);

    private enum Kind {
        FAILS,
        HANGS,
        TURNS_AWAY,
        BLOCKS
    }

    private record Cause(Kind kind, Instant from, Instant to) {
        boolean holds(Instant now) {
            return !now.isBefore(from) && now.isBefore(to);
        }
    }

    @Property(tries = 3, shrinking = ShrinkingMode.OFF)
    void noJobWaitsLongerThanTheFaultAndOneProbe(@ForAll long seed) throws InterruptedException {
        new Hour(seed).run();
    }

    private static final class Hour {
        private final Random random;
        private final VirtualTime time = new VirtualTime(START);
        private final List<Cause> causes = new ArrayList<>();
        private final Map<Integer, Outcome> outcomes = new ConcurrentHashMap<>();
        private final Map<String, Duration> late = new ConcurrentHashMap<>();
        private final NavigableMap<Integer, Thread> atWork = new ConcurrentSkipListMap<>();
        private final AtomicInteger cancelled = new AtomicInteger();
        private final AtomicInteger underWay = new AtomicInteger();
        private final AtomicInteger probes = new AtomicInteger();
        private final AtomicInteger mostProbes = new AtomicInteger();
        private volatile Duration clockOff = Duration.ZERO;
        private final DeploymentGuard guard =
                new DeploymentGuard(
                        Deployments.named(MODEL)
                                .with(ProviderLimits.unknown().with(Limit.REQUESTS, 600)),
                        (request, _) -> CallResult.of(call()),
                        time);
        private final GuardedModel model =
                new GuardedModel(
                        List.of(guard),
                        RetryPolicy.DEFAULT,
                        new Clocks(() -> time.instant().plus(clockOff), time),
                        time,
                        CallObserver.NONE);

        Hour(long seed) {
            random = new Random(seed);
            Instant at = START.plusSeconds(60);
            while (at.isBefore(START.plus(LENGTH).minus(Duration.ofMinutes(10)))) {
                Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
                Instant end = at.plusSeconds(5 + random.nextInt(180));
                causes.add(new Cause(kind, at, end));
                at = end.plusSeconds(30 + random.nextInt(300));
            }
        }

        void run() throws InterruptedException {
            List<Runnable> all = new ArrayList<>();
            for (int i = 0; i < JOBS; i++) {
                int job = i;
                Instant arrival = START.plusMillis(random.nextInt((int) LENGTH.toMillis()));
                all.add(() -> ask(job, arrival));
            }
            all.add(this::disturb);

            time.run(all);

            assertThat(outcomes.size() + cancelled.get()).isEqualTo(JOBS);
            assertThat(outcomes.values()).allMatch(Replied.class::isInstance);
            late.values().removeIf(over -> over.compareTo(AFTERWARDS) < 0);
            assertThat(late).as("beyond the causes %s", causes).isEmpty();
            assertThat(mostProbes.get()).isLessThanOrEqualTo(ProbingBreaker.PROBES);
            assertThat(underWay.get()).isZero();
            assertThat(guard.waiting()).isZero();
            assertThat(time.waits()).as("waits of all jobs").isLessThan(200L * JOBS);
            assertThat(callsWithin(Duration.ofMinutes(1)))
                    .as("all that was reserved is given back")
                    .isBetween(580, 620);
        }

        /** Moves partitions, cancels jobs, and sets the wall clock. */
        private void disturb() {
            try {
                for (int i = 0; i < 60; i++) {
                    time.until(time.instant().plusSeconds(random.nextInt(100)));
                    switch (random.nextInt(4)) {
                        case 0 -> {
                            guard.share((1 + random.nextInt(4)) / 4.0);
                            leave(3);
                        }
                        case 1 -> leave(20);
                        case 2 -> guard.share((1 + random.nextInt(4)) / 4.0);
                        default -> clockOff = Duration.ofSeconds(random.nextInt(7_200) - 3_600);
                    }
                }
                guard.share(1);
                clockOff = Duration.ZERO;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /**
         * Cancels one in this many of the running jobs, in any state: in the queue, in a pause, in
         * a call.
         */
        private void leave(int oneIn) {
            for (Thread job : List.copyOf(atWork.values())) {
                if (draw(oneIn) == 0) {
                    time.interrupt(job);
                }
            }
        }

        private void ask(int job, Instant arrival) {
            AnalysisTask task =
                    new AnalysisTask(
                            "job " + job,
                            "",
                            Priority.INTERACTIVE,
                            START.plus(Duration.ofHours(24)),
                            new Cost(BigDecimal.TEN),
                            List.of(GuardedModelFixture.price(MODEL)),
                            CallJournal.NONE);
            try {
                time.until(arrival);
                atWork.put(job, Thread.currentThread());
                Outcome outcome = model.ask(request(), Call.Purpose.ANALYSIS, new JobBudget(task));
                outcomes.put(job, outcome);
                late.put(arrival + " to " + time.instant(), beyondCauses(arrival, time.instant()));
            } catch (InterruptedException e) {
                cancelled.incrementAndGet();
            } finally {
                atWork.remove(job);
            }
        }

        /** Time a job took after the end of the last fault it met. */
        private Duration beyondCauses(Instant from, Instant to) {
            Instant free = from;
            for (Cause cause : causes) {
                // A deployment that was blocked is probed after ten minutes at the latest.
                Instant end =
                        cause.kind() == Kind.BLOCKS
                                ? cause.to().plus(Duration.ofMinutes(10))
                                : cause.to();
                boolean met = cause.from().isBefore(to) && end.isAfter(from);
                free = met && end.isAfter(free) ? end : free;
            }
            return Duration.between(free, to);
        }

        private ModelReply call() throws InterruptedException {
            boolean isProbe = guard.breaker() == ProbingBreaker.State.HALF_OPEN;
            underWay.incrementAndGet();
            if (isProbe) {
                mostProbes.accumulateAndGet(probes.incrementAndGet(), Math::max);
            }
            try {
                return reply();
            } finally {
                underWay.decrementAndGet();
                if (isProbe) {
                    probes.decrementAndGet();
                }
            }
        }

        private ModelReply reply() throws InterruptedException {
            Optional<Cause> cause =
                    causes.stream().filter(one -> one.holds(time.instant())).findFirst();
            if (cause.isPresent()) {
                return switch (cause.get().kind()) {
                    case FAILS -> unavailable(OptionalInt.of(503), false);
                    case HANGS -> {
                        time.until(time.instant().plus(TIMEOUT));
                        yield unavailable(OptionalInt.empty(), false);
                    }
                    case TURNS_AWAY ->
                            new ModelReply.Throttled(
                                    429,
                                    "HTTP 429",
                                    chance(0.5)
                                            ? Optional.of(Duration.ofSeconds(2))
                                            : Optional.empty());
                    case BLOCKS -> new ModelReply.Blocked(401, "HTTP 401", Optional.empty());
                };
            }
            time.until(time.instant().plusMillis(100 + draw(2_000)));
            if (chance(0.01)) {
                throw new InterruptedException("cancelled");
            }
            return chance(0.02)
                    ? new ModelReply.Throttled(429, "HTTP 429", Optional.empty())
                    : new ModelReply.Answered(
                            "{}",
                            FinishReason.STOP,
                            Optional.of(ScriptedModel.USAGE),
                            "r",
                            RateLimits.NONE);
        }

        private synchronized boolean chance(double share) {
            return random.nextDouble() < share;
        }

        private synchronized int draw(int bound) {
            return random.nextInt(bound);
        }

        private static ModelReply unavailable(OptionalInt status, boolean lost) {
            return lost
                    ? ModelReply.Unavailable.answerLost(status, "failed", Optional.empty())
                    : ModelReply.Unavailable.uncharged(status, "failed", Optional.empty());
        }

        /** Number of calls cleared one after the other, without faults. */
        private int callsWithin(Duration length) {
            Instant now = time.instant().plus(Duration.ofMinutes(5));
            Instant end = now.plus(length);
            int calls = 0;
            while (now.isBefore(end)) {
                time.set(now);
                switch (guard.clear(request(), GuardedModelFixture.price(MODEL))) {
                    case Clearance.Cleared cleared -> {
                        var _ = cleared.permit().release(answer(), false, true);
                        calls++;
                    }
                    case Clearance.Waiting waiting -> now = now.plus(waiting.time());
                    case Clearance.Denied denied -> throw new AssertionError(denied);
                }
            }
            return calls;
        }

        private static ModelReply answer() {
            return new ModelReply.Answered(
                    "{}",
                    FinishReason.STOP,
                    Optional.of(ScriptedModel.USAGE),
                    "r",
                    RateLimits.NONE);
        }

        private static ModelRequest request() {
            return new ModelRequest(
                    List.of(new Message(Message.Role.USER, "x")),
                    new AnswerSpec(
                            "any", JsonMapper.shared().createObjectNode(), 100, Optional.empty()));
        }
    }
}
