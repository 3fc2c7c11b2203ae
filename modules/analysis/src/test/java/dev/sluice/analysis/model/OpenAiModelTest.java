package dev.sluice.analysis.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.prompt.PromptWriter;
import dev.sluice.analysis.verdict.Judge;
import dev.sluice.analysis.verdict.Verdict;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The adapter over real HTTP, against the simulator. */
class OpenAiModelTest {
    private final AnalysisDefinition seo =
            AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();

    @Test
    void answerCarriesTextUsageAndId() throws InterruptedException {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            ModelReply reply = ask(simulator.baseUrl(), "gpt-4.1-mini");

            assertThat(reply)
                    .isInstanceOfSatisfying(
                            ModelReply.Answered.class,
                            answered -> {
                                assertThat(answered.finish()).isEqualTo(FinishReason.STOP);
                                assertThat(answered.usage().input()).isPositive();
                                assertThat(answered.usage().output()).isPositive();
                                assertThat(answered.responseId()).startsWith("chatcmpl-");
                                assertThat(new Judge(seo.output().schema()).judge(answered.text()))
                                        .isInstanceOfSatisfying(
                                                Verdict.Valid.class,
                                                valid ->
                                                        assertThat(
                                                                        valid.output()
                                                                                .path("title_tag")
                                                                                .asString())
                                                                .isEqualTo("A page"));
                            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "throttled, Throttled",
        "error, Unavailable",
        "refusal, Refused",
        "length, Answered",
        "malformed, Answered",
    })
    void everyFaultHasItsReply(String fault, String reply) throws InterruptedException {
        SimulatorSettings settings =
                SimulatorSettings.defaults().withFaults(FaultRates.parse(fault + "=1"), 1);
        try (Simulator simulator = Simulator.start(settings)) {
            assertThat(ask(simulator.baseUrl(), "gpt-4.1-mini").getClass().getSimpleName())
                    .isEqualTo(reply);
            assertThat(simulator.requests()).as("no hidden retries").isEqualTo(1);
        }
    }

    @Test
    void retryAfterIsRead() throws InterruptedException {
        SimulatorSettings settings =
                SimulatorSettings.defaults().withFaults(FaultRates.parse("throttled=1"), 1);
        try (Simulator simulator = Simulator.start(settings)) {
            assertThat(ask(simulator.baseUrl(), "gpt-4.1-mini"))
                    .isInstanceOfSatisfying(
                            ModelReply.Throttled.class,
                            throttled ->
                                    assertThat(throttled.retryAfter())
                                            .contains(Duration.ofSeconds(1)));
        }
    }

    @Test
    void unknownModelIsRejected() throws InterruptedException {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            assertThat(ask(simulator.baseUrl(), "made-up")).isInstanceOf(ModelReply.Rejected.class);
        }
    }

    @Test
    void refusedConnectionWasNeverSentAndCostsNothing() throws InterruptedException {
        assertThat(ask(URI.create("http://127.0.0.1:1/v1"), "gpt-4.1-mini"))
                .isInstanceOfSatisfying(
                        ModelReply.Unavailable.class,
                        unavailable -> assertThat(unavailable.answerLost()).isFalse());
    }

    @Test
    void answerThatDoesNotComeInTimeIsLost() throws InterruptedException {
        SimulatorSettings slow =
                SimulatorSettings.defaults()
                        .withLatency(Duration.ofSeconds(30), Duration.ofSeconds(30));
        try (Simulator simulator = Simulator.start(slow)) {
            assertThat(ask(simulator.baseUrl(), "gpt-4.1-mini", Duration.ofMillis(300)))
                    .isInstanceOfSatisfying(
                            ModelReply.Unavailable.class,
                            unavailable -> assertThat(unavailable.answerLost()).isTrue());
        }
    }

    @Test
    void secretIsNeverShown() {
        assertThat(deployment(URI.create("http://x"), "m", Duration.ofSeconds(1)).toString())
                .doesNotContain("sk-secret");
    }

    private ModelReply ask(URI baseUrl, String modelId) throws InterruptedException {
        return ask(baseUrl, modelId, Duration.ofSeconds(20));
    }

    private ModelReply ask(URI baseUrl, String modelId, Duration timeout)
            throws InterruptedException {
        try (OpenAiModel model = new OpenAiModel(deployment(baseUrl, modelId, timeout))) {
            return model.ask(
                    new ModelRequest(
                            new PromptWriter(seo)
                                    .ask(
                                            InputPreparer.prepare(
                                                    "<title>A page</title><h1>Hi</h1>",
                                                    seo.input())),
                            "seo",
                            seo.output().schema().tree(),
                            seo.output().maxTokens(),
                            seo.models().temperature()));
        }
    }

    private static Deployment deployment(URI baseUrl, String modelId, Duration timeout) {
        return new Deployment(
                modelId, "d", "p", modelId, baseUrl, new Secret("sk-secret"), 60_000, timeout);
    }
}
