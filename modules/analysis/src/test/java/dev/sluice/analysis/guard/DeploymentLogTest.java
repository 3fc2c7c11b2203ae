package dev.sluice.analysis.guard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.analysis.guard.Clearance.Cleared;
import dev.sluice.analysis.guard.DeploymentState.Kind;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Log of a deployment: one line when it fails, one when it works again. */
class DeploymentLogTest {
    private static final Logger GUARDS =
            (Logger) LoggerFactory.getLogger("dev.sluice.analysis.guard");
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final String MODEL = "gpt-4.1-mini";

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final VirtualTime time = new VirtualTime(START);
    private final DeploymentGuard guard = guard(ProviderLimits.unknown());

    @BeforeEach
    void listen() {
        lines.start();
        GUARDS.setLevel(Level.INFO);
        GUARDS.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        GUARDS.detachAppender(lines);
        GUARDS.setLevel(null);
    }

    @Test
    void outageOfHoursIsTwoLogLines() {
        for (int second = 0; second < 3_600; second++) {
            boolean _ = call(second, unavailable("HTTP 503: overloaded", Optional.empty()));
        }

        assertThat(guard.state().kind()).isIn(Kind.FAILING, Kind.PROBING);
        assertThat(guard.state().cause()).isEqualTo("HTTP 503: overloaded");
        for (int second = 3_600; second < 3_700; second++) {
            boolean _ = call(second, answer());
        }

        assertThat(guard.state()).isEqualTo(DeploymentState.TAKING_CALLS);
        assertThat(said())
                .containsExactly(
                        "WARN circuit breaker opened: calls fail [deployment=gpt-4.1-mini/openai,"
                                + " reason=HTTP 503: overloaded]",
                        "INFO circuit breaker closed: calls are accepted"
                                + " [deployment=gpt-4.1-mini/openai]");
    }

    @Test
    void stateIsFailingEvenIfTheProviderAsksToComeBackSoon() {
        for (int second = 0; second < 3_600; second++) {
            boolean _ = call(second, unavailable("HTTP 503", Optional.of(Duration.ofSeconds(5))));
        }

        assertThat(guard.state().kind()).isIn(Kind.FAILING, Kind.PROBING);
        assertThat(guard.heldBack()).isPresent();
    }

    @Test
    void pauseForAnOperatorIsLoggedWithItsReasonAndItsEnd() {
        var badKey = new ModelReply.Blocked(401, "HTTP 401: bad key", Optional.empty());
        assertThat(call(10, badKey)).isTrue();
        assertThat(guard.state()).isEqualTo(new DeploymentState(Kind.PAUSED, "HTTP 401: bad key"));
        assertThat(call(71, answer())).isTrue();

        assertThat(said())
                .containsExactly(
                        "ERROR deployment paused: an operator has to fix the fault"
                                + " [model=gpt-4.1-mini,"
                                + " deployment=openai, reason=HTTP 401: bad key]",
                        "INFO deployment takes calls again [model=gpt-4.1-mini,"
                                + " deployment=openai]");
    }

    @Test
    void onlyALongWaitRequestedByTheProviderIsLogged() {
        assertThat(call(10, unavailable("HTTP 503", Optional.of(Duration.ofSeconds(5))))).isTrue();
        assertThat(guard.state().kind()).isEqualTo(Kind.THROTTLED);
        assertThat(said()).isEmpty();

        assertThat(call(20, unavailable("HTTP 503", Optional.of(Duration.ofMinutes(10))))).isTrue();
        assertThat(said())
                .containsExactly(
                        "WARN deployment paused: the provider asks to come back later"
                                + " [model=gpt-4.1-mini, deployment=openai, seconds=600]");
    }

    @Test
    void assumedLimitIsReportedUntilTheProviderReportsItsOwn() {
        assertThat(guard.assumedLimit().orElseThrow())
                .contains("500 requests a minute", "requests-per-minute", "gpt-4.1-mini");

        assertThat(call(10, answerTelling(5_000))).isTrue();

        assertThat(guard.assumedLimit()).isEmpty();
        assertThat(guard(ProviderLimits.unknown().with(Limit.REQUESTS, 60)).assumedLimit())
                .isEmpty();
    }

    private DeploymentGuard guard(ProviderLimits limits) {
        return new DeploymentGuard(
                Deployments.named(MODEL).with(limits), (_, _) -> CallResult.of(answer()), time);
    }

    /** Makes a call if the guards clear one; returns whether they did. */
    private boolean call(int second, ModelReply reply) {
        time.set(START.plusSeconds(second));
        if (guard.clear(request(), GuardedModelFixture.price(MODEL)) instanceof Cleared cleared) {
            time.set(START.plusSeconds(second).plusMillis(20));
            var _ = cleared.permit().release(reply, false, true);
            return true;
        }
        return false;
    }

    private List<String> said() {
        return lines.list.stream()
                .map(line ->
                        line.getLevel()
                                + " "
                                + line.getMessage()
                                + " "
                                + line.getKeyValuePairs().stream()
                                        .map(pair -> pair.key + "=" + pair.value)
                                        .toList())
                .toList();
    }

    private static ModelReply unavailable(String message, Optional<Duration> retryAfter) {
        return ModelReply.Unavailable.uncharged(OptionalInt.of(503), message, retryAfter);
    }

    private static ModelReply answer() {
        return answer(RateLimits.NONE);
    }

    private static ModelReply answerTelling(long requests) {
        var window = new RateLimits.Window(requests, requests - 1, Optional.empty());
        return answer(
                new RateLimits(
                        Optional.of(window), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private static ModelReply answer(RateLimits limits) {
        return new ModelReply.Answered("{}", FinishReason.STOP, Optional.empty(), "r", limits);
    }

    private static ModelRequest request() {
        return new ModelRequest(
                List.of(new Message(Message.Role.USER, "hello")),
                new AnswerSpec(
                        "any", JsonMapper.shared().createObjectNode(), 100, Optional.empty()));
    }
}
