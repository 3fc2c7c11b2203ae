package dev.sluice.analysis.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.transport.Transport;
import dev.sluice.analysis.verdict.Judge;
import dev.sluice.analysis.verdict.Verdict;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Behaviour that both adapters share, over real HTTP. */
class AdaptersTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt-4.1-mini",
                "gpt-5",
                "gpt-4o-2024-05-13",
                "gpt-4",
                "claude-haiku-4-5",
                "claude-3-haiku-20240307"
            })
    void everyFormOfStructuredOutputGetsAValidAnswer(String modelId) throws InterruptedException {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            PreparedInput input = OneCall.input();
            ModelReply reply = ask(simulator, modelId);

            assertThat(reply)
                    .isInstanceOfSatisfying(
                            ModelReply.Answered.class,
                            answered -> {
                                assertThat(answered.finish()).isEqualTo(FinishReason.STOP);
                                TokenUsage usage = answered.usage().orElseThrow();
                                assertThat(usage.input()).isPositive();
                                assertThat(usage.output()).isPositive();
                                assertThat(answered.responseId()).matches("(chatcmpl-|msg_).+");
                                assertThat(new Judge(OneCall.SEO.output()).judge(answered, input))
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
        for (String modelId :
                List.of("gpt-4.1-mini", "claude-haiku-4-5", "claude-3-haiku-20240307")) {
            SimulatorSettings settings =
                    SimulatorSettings.defaults().withFaults(FaultRates.parse(fault + "=1"), 1);
            try (Simulator simulator = Simulator.start(settings)) {
                assertThat(ask(simulator, modelId).getClass().getSimpleName())
                        .as(modelId)
                        .isEqualTo(reply);
                assertThat(simulator.requests()).as("no hidden retries").isEqualTo(1);
            }
        }
    }

    @Test
    void cancelledCallHasNoReply() throws Exception {
        try (ScriptedProvider scripted = ScriptedProvider.silent()) {
            Deployment deployment =
                    Deployments.of(
                            Provider.ANTHROPIC,
                            scripted.url(""),
                            "claude-haiku-4-5",
                            Duration.ofMinutes(1));
            try (Transport transport = Transport.start()) {
                Model model = new AnthropicModel(deployment, transport, InstantSource.system());
                AtomicBoolean cancelled = new AtomicBoolean();
                Thread call =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        model.ask(OneCall.request(), UUID.randomUUID());
                                    } catch (InterruptedException e) {
                                        cancelled.set(true);
                                    }
                                });
                await().until(() -> !scripted.requests().isEmpty());
                call.interrupt();
                assertThat(call.join(Duration.ofSeconds(5))).isTrue();
                assertThat(cancelled).isTrue();
            }
        }
    }

    @Test
    void secretIsNeverShown() {
        assertThat(Deployments.named("m").toString()).doesNotContain("sk-secret");
    }

    private static ModelReply ask(Simulator simulator, String modelId) throws InterruptedException {
        return modelId.startsWith("claude")
                ? OneCall.ask(Provider.ANTHROPIC, simulator.anthropicBaseUrl(), modelId)
                : OneCall.ask(Provider.OPENAI, simulator.baseUrl(), modelId);
    }
}
