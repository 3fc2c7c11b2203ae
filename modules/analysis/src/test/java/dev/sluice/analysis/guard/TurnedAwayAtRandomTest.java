package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisTask;
import dev.sluice.analysis.Call;
import dev.sluice.analysis.CallJournal;
import dev.sluice.analysis.CallObserver;
import dev.sluice.analysis.ScriptedModel;
import dev.sluice.analysis.Urgency;
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
 * How much of a limit is used where a provider turns calls away: at random, however few are sent,
 * or because its limit is lower than it was configured.
 */
class TurnedAwayAtRandomTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant MEASURED = START.plusSeconds(60);
    private static final Instant END = START.plusSeconds(240);
    private static final String MODEL = "gpt-4.1-mini";
    private static final AnalysisTask TASK =
            new AnalysisTask(
                    "id",
                    "",
                    Urgency.INTERACTIVE,
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
    void nearlyAllThatIsLetThroughIsUsed(
            int perMinute, double share, Duration retryAfter, boolean late)
            throws InterruptedException {
        Provider provider = new Provider(perMinute, share, retryAfter, late);

        double used = provider.used(perMinute);

        assertThat(used).isGreaterThan(0.95 * (1 - share));
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
    void limitThatIsLowerThanConfiguredIsStillKeptTo(double part, boolean late)
            throws InterruptedException {
        int configured = 5_000;
        Provider provider = new Provider((int) (part * configured), 0, Duration.ZERO, late);

        double used = provider.used(configured);

        assertThat(used / part).isGreaterThan(0.95);
        assertThat(provider.away()).isLessThan(0.07);
    }

    /** A bucket that holds a second. */
    private final class Provider {
        private final double perSecond;
        private final double share;
        private final Duration retryAfter;
        private final boolean late;
        private final Random random = new Random(3);
        private double level;
        private Instant at = START;
        private int answered;
        private int turnedAway;

        /**
         * @param retryAfter what a 429 asks for; zero if it says nothing
         * @param late whether a 429 takes as long as an answer
         */
        Provider(int perMinute, double share, Duration retryAfter, boolean late) {
            this.perSecond = perMinute / 60.0;
            this.share = share;
            this.retryAfter = retryAfter;
            this.late = late;
            this.level = perSecond;
        }

        /** The part of the configured limit that was answered. */
        double used(int configured) throws InterruptedException {
            Deployment deployment =
                    Deployments.named(MODEL)
                            .with(ProviderLimits.unknown().with(Limit.REQUESTS, configured));
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
            for (int i = 0; i < configured / 60 * 2; i++) {
                callers.add(() -> callUntilTheEnd(model));
            }
            time.run(callers);
            return answered / (configured / 60.0 * Duration.between(MEASURED, END).toSeconds());
        }

        /** The part of the calls that was turned away. */
        synchronized double away() {
            return (double) turnedAway / (answered + turnedAway);
        }

        private ModelReply reply() {
            Duration latency;
            boolean taken;
            synchronized (this) {
                Instant now = time.instant();
                latency = Duration.ofMillis(500 + random.nextInt(1_000));
                double flown = perSecond * Duration.between(at, now).toNanos() / 1e9;
                level = Math.min(perSecond, level + flown);
                at = now;
                taken = random.nextDouble() >= share && level >= 1;
                level -= taken ? 1 : 0;
                if (now.isAfter(MEASURED)) {
                    answered += taken ? 1 : 0;
                    turnedAway += taken ? 0 : 1;
                }
            }
            pass(taken || late ? latency : Duration.ofMillis(20));
            return taken ? answer() : throttled();
        }

        private void pass(Duration latency) {
            try {
                time.until(time.instant().plus(latency));
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody cancels these calls", e);
            }
        }

        private ModelReply throttled() {
            return new ModelReply.Throttled(
                    429, "HTTP 429", Optional.of(retryAfter).filter(Duration::isPositive));
        }
    }

    private void callUntilTheEnd(GuardedModel model) {
        try {
            while (time.instant().isBefore(END)) {
                assertThat(model.ask(request(), Call.Purpose.ANALYSIS, new JobBudget(TASK)))
                        .isInstanceOf(Replied.class);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody cancels these jobs", e);
        }
    }

    private static ModelRequest request() {
        return new ModelRequest(
                List.of(new Message(Message.Role.USER, "hello")),
                new AnswerSpec(
                        "any", JsonMapper.shared().createObjectNode(), 100, Optional.empty()));
    }

    private static ModelReply answer() {
        return new ModelReply.Answered(
                "{}", FinishReason.STOP, Optional.of(ScriptedModel.USAGE), "r", RateLimits.NONE);
    }
}
