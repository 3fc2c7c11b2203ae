package dev.sluice.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.Analysis.Analysed;
import dev.sluice.analysis.Analysis.Failed;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.guard.Clocks;
import dev.sluice.analysis.guard.DeploymentGuard;
import dev.sluice.analysis.guard.GuardedModel;
import dev.sluice.analysis.guard.RetryPolicy;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.analysis.prompt.PromptWriter;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnalystTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final String VALID =
            "{\"title_tag\":\"T\",\"title_length\":1,\"issues\":[],\"recommendations\":[],"
                    + "\"priority_score\":1,\"summary\":\"Fine.\"}";
    private static final String OUT_OF_RANGE =
            VALID.replace("\"priority_score\":1", "\"priority_score\":11");

    private final AnalysisDefinition seo =
            AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();
    private final ScriptedModel model = new ScriptedModel();
    private final List<Call> observed = new ArrayList<>();
    private final ComputePool pool =
            ComputePool.start(ComputeLimits.defaults(), ComputeObserver.NONE);
    private Instant now = START;

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void validAnswerIsTheOutput() throws InterruptedException {
        model.thenAnswer(VALID);

        Analysis analysis = analyse(task());

        assertThat(analysis)
                .isInstanceOfSatisfying(
                        Analysed.class,
                        analysed ->
                                assertThat(analysed.output().path("title_tag").asString())
                                        .isEqualTo("T"));
        assertThat(analysis.calls()).hasSize(1);
        // 1,000 x 0.4 + 100 x 1.6, per million
        assertThat(analysis.calls().getFirst().cost().usd()).isEqualByComparingTo("0.00056");
    }

    @Test
    void invalidAnswerIsShownItsViolationsAndRepaired() throws InterruptedException {
        model.thenAnswer(OUT_OF_RANGE).thenAnswer(VALID);

        Analysis analysis = analyse(task());

        assertThat(analysis).isInstanceOf(Analysed.class);
        assertThat(analysis.calls())
                .extracting(Call::purpose)
                .containsExactly(Call.Purpose.ANALYSIS, Call.Purpose.REPAIR);
        assertThat(model.requests().get(1).messages().get(2).text()).isEqualTo(OUT_OF_RANGE);
        assertThat(model.requests().get(1).messages().get(3).text()).contains("/priority_score");
    }

    @Test
    void answerThatStaysInvalidFailsWithBothAnswersAndTheCostOfBothCalls()
            throws InterruptedException {
        model.thenAnswer("no JSON").thenAnswer(OUT_OF_RANGE);

        Failed failed = failed(task());

        assertThat(failed.answers()).containsExactly("no JSON", OUT_OF_RANGE);
        assertThat(failed.failure())
                .isInstanceOfSatisfying(
                        Failure.InvalidOutput.class,
                        invalid ->
                                assertThat(invalid.violations())
                                        .extracting(Violation::path)
                                        .containsExactly("/priority_score"));
        assertThat(failed.calls()).hasSize(2);
    }

    @Test
    void refusalTruncationAndFilterHaveSeparateReasons() throws InterruptedException {
        model.then(new ModelReply.Refused("I can't.", Optional.of(ScriptedModel.USAGE), "r"));
        assertThat(failed(task()).failure()).isInstanceOf(Failure.RefusedByModel.class);

        model.then(answered(FinishReason.LENGTH));
        assertThat(failed(task()).failure()).isInstanceOf(Failure.OutputTruncated.class);

        model.then(answered(FinishReason.CONTENT_FILTER));
        assertThat(failed(task()).failure()).isInstanceOf(Failure.RejectedByProvider.class);
    }

    @Test
    void requestPastItsDeadlineNeverReachesTheModel() throws InterruptedException {
        Failed failed = failed(task(START, new Cost(BigDecimal.ONE)));

        assertThat(failed.failure()).isInstanceOf(Failure.DeadlineExceeded.class);
        assertThat(model.requests()).isEmpty();
    }

    @Test
    void noCallIsMadeThatTheRestOfTheCapDoesNotCover() throws InterruptedException {
        model.thenAnswer(OUT_OF_RANGE);
        Failed failed = failed(task(START.plusSeconds(9), worstCostOfTheFirstCall()));

        assertThat(failed.failure()).isInstanceOf(Failure.CapExhausted.class);
        assertThat(failed.calls()).hasSize(1);
        assertThat(failed.answers()).containsExactly(OUT_OF_RANGE);
    }

    @Test
    void transientFailuresAreRetried() throws InterruptedException {
        model.thenFail(3).thenAnswer(VALID);

        Analysis analysis = analyse(task());

        assertThat(analysis).isInstanceOf(Analysed.class);
        assertThat(analysis.calls())
                .extracting(call -> call.ending().status())
                .containsExactly(
                        Call.Status.UNAVAILABLE,
                        Call.Status.UNAVAILABLE,
                        Call.Status.UNAVAILABLE,
                        Call.Status.ANSWERED);
        assertThat(observed).hasSize(4);
    }

    @Test
    void outageOfTheProviderDoesNotUseUpAJobsRetries() throws InterruptedException {
        model.thenFail(18).thenAnswer(VALID);

        assertThat(analyse(task())).isInstanceOf(Analysed.class);
    }

    @Test
    void throttledCallWaitsForTheRequestedTime() throws InterruptedException {
        model.then(throttled(Optional.of(Duration.ofSeconds(7)))).thenAnswer(VALID);

        assertThat(analyse(task())).isInstanceOf(Analysed.class);
        assertThat(now).isBetween(START.plusSeconds(7), START.plusMillis(7_010));
    }

    @Test
    void lostAnswerIsBookedAtItsWorstCase() throws InterruptedException {
        model.then(lost()).thenAnswer(VALID);

        Analysis analysis = analyse(task(START.plusSeconds(99), new Cost(BigDecimal.ONE)));

        Call lost = analysis.calls().getFirst();
        assertThat(lost.ending().status()).isEqualTo(Call.Status.UNCONFIRMED);
        assertThat(lost.cost()).isGreaterThan(analysis.calls().get(1).cost());
    }

    @Test
    void bugEndsTheJobAndItsCallsAreBooked() throws InterruptedException {
        model.thenAnswer(OUT_OF_RANGE);

        // The script ends before the repair call: the fake throws, as a bug would.
        Failed failed = failed(task());

        assertThat(failed.failure()).isInstanceOf(Failure.Bug.class);
        assertThat(failed.calls()).hasSize(2);
    }

    @Test
    void rejectedRequestIsNotRetried() throws InterruptedException {
        model.then(new ModelReply.Rejected(400, "HTTP 400", ModelReply.Because.REQUEST));

        assertThat(failed(task()).failure()).isInstanceOf(Failure.RejectedByProvider.class);
        assertThat(model.requests()).hasSize(1);
    }

    @Test
    void contentThatTakesTooLongEndsItsJobWithoutACall() throws InterruptedException {
        String page = "<p><b>".repeat(600_000);

        Failed failed;
        try (ComputePool hurried = pool(Duration.ofMillis(1))) {
            failed = (Failed) analyse(task(page), hurried);
        }

        assertThat(failed.failure())
                .isInstanceOf(Failure.InputCutOff.class)
                .extracting(Failure::message)
                .asString()
                .startsWith("preparing the content took more than 0.001 s");
        assertThat(model.requests()).isEmpty();
    }

    @Test
    void answerThatTakesTooLongIsInvalid() throws InterruptedException {
        StringBuilder answer = new StringBuilder("{");
        for (int i = 0; i < 60_000; i++) {
            answer.append("\"field").append(i).append("\":1,");
        }
        model.thenAnswer(VALID)
                .thenAnswer(answer.append("\"last\":1}").toString())
                .thenAnswer(VALID);
        analyse(task());

        Analysis analysis;
        try (ComputePool hurried = pool(Duration.ofMillis(20))) {
            analysis = analyse(task(), hurried);
        }

        assertThat(analysis).isInstanceOf(Analysed.class);
        assertThat(model.requests()).hasSize(3);
        assertThat(model.requests().getLast().messages().getLast().text())
                .contains("judging the answer took more than 0.02 s of CPU time and was cut off");
    }

    private static ComputePool pool(Duration timeout) {
        return ComputePool.start(new ComputeLimits(1, timeout), ComputeObserver.NONE);
    }

    private static ModelReply answered(FinishReason finish) {
        return new ModelReply.Answered(
                "{", finish, Optional.of(ScriptedModel.USAGE), "r", RateLimits.NONE);
    }

    private static ModelReply throttled(Optional<Duration> retryAfter) {
        return new ModelReply.Throttled(429, "HTTP 429", retryAfter);
    }

    private static ModelReply lost() {
        return ModelReply.Unavailable.answerLost(
                OptionalInt.empty(), "no answer", Optional.empty());
    }

    private AnalysisTask task() {
        return task(START.plus(Duration.ofHours(1)), new Cost(BigDecimal.ONE));
    }

    private AnalysisTask task(String content) {
        return task(content, START.plus(Duration.ofHours(1)), new Cost(BigDecimal.ONE));
    }

    private AnalysisTask task(Instant deadline, Cost cap) {
        return task("<title>T</title>", deadline, cap);
    }

    private AnalysisTask task(String content, Instant deadline, Cost cap) {
        return new AnalysisTask(
                "r-1",
                content,
                Priority.INTERACTIVE,
                deadline,
                cap,
                List.of(
                        PriceTable.shipped()
                                .find("gpt-4.1-mini", LocalDate.of(2026, 11, 23))
                                .orElseThrow()),
                CallJournal.NONE);
    }

    private Cost worstCostOfTheFirstCall() {
        TokenCounter tokens = TokenCounter.ofIds(List.of("gpt-4.1-mini"));
        PromptWriter prompts = new PromptWriter(seo, tokens);
        InputPreparer inputs = new InputPreparer(seo.input(), tokens);
        ModelRequest first = prompts.request(prompts.ask(inputs.prepare(task().content())));
        return task().prices()
                .getFirst()
                .worstCost(first.maxInputTokens(), first.maxOutputTokens());
    }

    private Failed failed(AnalysisTask task) throws InterruptedException {
        Analysis analysis = analyse(task);
        assertThat(analysis).isInstanceOf(Failed.class);
        return (Failed) analysis;
    }

    private Analysis analyse(AnalysisTask task) throws InterruptedException {
        return analyse(task, pool);
    }

    private Analysis analyse(AnalysisTask task, ComputePool computing) throws InterruptedException {
        Deployment deployment = Deployments.named("gpt-4.1-mini");
        CallObserver observer =
                new CallObserver() {
                    @Override
                    public void called(String analysis, Call call) {
                        observed.add(call);
                    }

                    @Override
                    public void waited(String model, String reason, Duration time) {}
                };
        GuardedModel guarded =
                new GuardedModel(
                        List.of(new DeploymentGuard(deployment, model, () -> now)),
                        RetryPolicy.DEFAULT,
                        Clocks.both(() -> now),
                        until -> now = until.isAfter(now) ? until : now,
                        observer);
        return new Analyst(seo, guarded, computing).analyse(task);
    }
}
