package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.guard.GuardedModel.Replied;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Used part of a limit when a provider rejects calls: at random, however few are sent, or because
 * its limit is lower than configured.
 */
class TurnedAwayAtRandomTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant MEASURED = START.plusSeconds(60);
    private static final Instant END = START.plusSeconds(240);
    private static final int RESERVED = 2_000;
    private static final int INPUT = 950;
    private static final int OUTPUT = 50;
    private static final String MODEL = "gpt-4.1-mini";
    private static final AnalysisTask TASK =
            new AnalysisTask(
                    "id",
                    "",
                    Priority.INTERACTIVE,
                    Instant.MAX,
                    new Cost(BigDecimal.valueOf(1_000)),
                    List.of(GuardedModelFixture.price(MODEL)),
                    CallJournal.NONE);

    private final VirtualTime time = new VirtualTime(START);

    @ParameterizedTest
    @CsvSource({
        "5000, 0.01, PT1S, false",
        "5000, 0.01, PT1S, true",
        "5000, 0.05, PT1S, false",
        "5000, 0.05, PT1S, true",
        "5000, 0.05, PT0S, false",
        "5000, 0.05, PT0S, true",
        "20000, 0.05, PT1S, true",
    })
    void nearlyAllOfTheAcceptedRateIsUsed(
            int callsPerMinute, double share, Duration retryAfter, boolean late)
            throws InterruptedException {
        Provider provider =
                new Provider(callsPerMinute, 1, Counting.SILENT_BUCKET, share, retryAfter, late);

        assertThat(provider.used(callsPerMinute)).isGreaterThan(0.95 * (1 - share));
    }

    @ParameterizedTest
    @CsvSource({
        "60, SETTLING_BUCKET, 0.01, false",
        "60, SETTLING_BUCKET, 0.05, false",
        "60, SETTLING_BUCKET, 0.05, true",
        "5, SETTLING_BUCKET, 0.01, true",
        "5, SETTLING_BUCKET, 0.05, false",
        "60, BUCKET, 0.05, false",
        "60, BUCKET, 0.01, true",
        "1, WINDOW, 0.01, false",
        "1, WINDOW, 0.05, true",
        "10, WINDOW, 0.01, true",
        "10, WINDOW, 0.05, false",
        "60, WINDOW, 0.05, false",
    })
    void reportedLimitsAreStillLearned(int seconds, Counting counting, double share, boolean late)
            throws InterruptedException {
        int callsPerMinute = 5_000;
        Provider provider =
                new Provider(callsPerMinute, seconds, counting, share, Duration.ofSeconds(1), late);

        assertThat(provider.used(callsPerMinute)).isGreaterThan(0.95 * (1 - share));
    }

    @ParameterizedTest
    @CsvSource({
        "0.95, false",
        "0.95, true",
        "0.7, false",
        "0.7, true",
        "0.3, false",
        "0.3, true",
    })
    void limitLowerThanConfiguredIsRespected(double part, boolean late)
            throws InterruptedException {
        int configured = 5_000;
        Provider provider =
                new Provider(
                        (int) (part * configured),
                        1,
                        Counting.SILENT_BUCKET,
                        0,
                        Duration.ZERO,
                        late);

        double used = provider.used(configured);

        assertThat(used / part).isGreaterThan(0.95);
        assertThat(provider.away()).isLessThan(0.07);
    }

    /** The way a provider counts and reports tokens. */
    private enum Counting {
        /** Does not report its limits. */
        SILENT_BUCKET,
        /** Reports its limits. */
        BUCKET,
        /** Reports its limits, and refunds tokens that were reserved and not used. */
        SETTLING_BUCKET,
        /** Reports its limits, and restores them at the start of each window. */
        WINDOW
    }

    /** Provider that counts tokens and rejects calls. */
    private final class Provider {
        private final double perSecond;
        private final int seconds;
        private final double capacity;
        private final Counting counting;
        private final double share;
        private final Duration retryAfter;
        private final boolean late;
        private final Random random = new Random(3);
        private double level;
        private Instant at = START;
        private double used;
        private int answered;
        private int rejected;

        /**
         * @param seconds of the limit that a bucket or window holds
         * @param share of the calls that it rejects at random
         * @param retryAfter wait requested by a 429; zero for none
         * @param late whether a 429 takes as long as an answer
         */
        Provider(
                int callsPerMinute,
                int seconds,
                Counting counting,
                double share,
                Duration retryAfter,
                boolean late) {
            this.perSecond = callsPerMinute * RESERVED / 60.0;
            this.seconds = seconds;
            this.capacity = perSecond * seconds;
            this.counting = counting;
            this.share = share;
            this.retryAfter = retryAfter;
            this.late = late;
            this.level = capacity;
        }

        /** The part of the configured limit that was used. */
        double used(int configured) throws InterruptedException {
            Deployment deployment =
                    Deployments.named(MODEL)
                            .with(
                                    ProviderLimits.unknown()
                                            .with(Limit.REQUESTS, 1_000_000)
                                            .with(Limit.TOKENS, configured * RESERVED));
            DeploymentGuard guard =
                    new DeploymentGuard(deployment, (_, _) -> CallResult.of(reply()), time);
            GuardedModel model =
                    new GuardedModel(
                            List.of(guard),
                            RetryPolicy.DEFAULT,
                            Clocks.both(time),
                            time,
                            CallObserver.NONE);
            List<Runnable> callers = new ArrayList<>();
            for (int i = 0; i < configured / 60 * 4; i++) {
                callers.add(() -> callUntilTheEnd(model));
            }
            time.run(callers);
            double limit = configured / 60.0 * RESERVED;
            return used / (limit * Duration.between(MEASURED, END).toSeconds());
        }

        /** The part of the calls that was rejected. */
        synchronized double away() {
            return (double) rejected / (answered + rejected);
        }

        private ModelReply reply() {
            Duration latency = Duration.ofMillis(500 + random.nextInt(1_000));
            boolean taken = take();
            RateLimits limits = reported();
            pass(taken || late ? latency : Duration.ofMillis(20));
            if (!taken) {
                return new ModelReply.Throttled(
                        429, "HTTP 429", Optional.of(retryAfter).filter(Duration::isPositive));
            }
            settle();
            return new ModelReply.Answered(
                    "{}",
                    FinishReason.STOP,
                    Optional.of(new TokenUsage(INPUT, 0, 0, OUTPUT, 0)),
                    "r",
                    limits);
        }

        private synchronized boolean take() {
            flow();
            boolean taken = random.nextDouble() >= share && level >= RESERVED;
            level -= taken ? RESERVED : 0;
            if (time.instant().isAfter(MEASURED)) {
                answered += taken ? 1 : 0;
                rejected += taken ? 0 : 1;
                used +=
                        taken
                                ? counting == Counting.SETTLING_BUCKET ? INPUT + OUTPUT : RESERVED
                                : 0;
            }
            return taken;
        }

        private synchronized void settle() {
            if (counting == Counting.SETTLING_BUCKET) {
                flow();
                level = Math.min(capacity, level + RESERVED - INPUT - OUTPUT);
            }
        }

        private synchronized RateLimits reported() {
            if (counting == Counting.SILENT_BUCKET) {
                return RateLimits.NONE;
            }
            flow();
            Duration reset =
                    counting == Counting.WINDOW
                            ? Duration.between(time.instant(), at.plusSeconds(seconds))
                            : Duration.ofNanos((long) ((capacity - level) / perSecond * 1e9));
            return new RateLimits(
                    Optional.empty(),
                    Optional.of(
                            new RateLimits.Window(
                                    (long) capacity, (long) level, Optional.of(reset))),
                    Optional.empty(),
                    Optional.empty());
        }

        private void flow() {
            Instant now = time.instant();
            if (counting == Counting.WINDOW) {
                long ended = Duration.between(at, now).toSeconds() / seconds;
                at = at.plusSeconds(ended * seconds);
                level = ended > 0 ? capacity : level;
                return;
            }
            double flown = perSecond * Duration.between(at, now).toNanos() / 1e9;
            level = Math.min(capacity, level + flown);
            at = now;
        }

        private void pass(Duration latency) {
            try {
                time.until(time.instant().plus(latency));
            } catch (InterruptedException e) {
                throw new IllegalStateException("these calls are not cancelled", e);
            }
        }
    }

    private void callUntilTheEnd(GuardedModel model) {
        ModelRequest request = request();
        try {
            while (time.instant().isBefore(END)) {
                assertThat(model.ask(request, Call.Purpose.ANALYSIS, new JobBudget(TASK)))
                        .isInstanceOf(Replied.class);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("these jobs are not cancelled", e);
        }
    }

    private static ModelRequest request() {
        return new ModelRequest(
                List.of(new Message(Message.Role.USER, "word ".repeat(INPUT))),
                new AnswerSpec(
                        "any",
                        JsonMapper.shared().createObjectNode(),
                        RESERVED - INPUT,
                        Optional.empty()));
    }
}
