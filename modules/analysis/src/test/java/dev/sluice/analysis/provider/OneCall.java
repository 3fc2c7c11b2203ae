package dev.sluice.analysis.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.InputPreparer;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Deployments;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.prompt.PromptWriter;
import dev.sluice.analysis.transport.Transport;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One call of the shipped page analysis through an adapter, over real HTTP. */
final class OneCall {
    static final AnalysisDefinition SEO =
            AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();

    private OneCall() {}

    /** The reply of an OpenAI model or a compatible server. */
    static ModelReply openAi(ScriptedProvider scripted, String modelId)
            throws InterruptedException {
        return ask(Provider.OPENAI, scripted.url("/v1"), modelId);
    }

    /** The reply of an Anthropic model. */
    static ModelReply anthropic(ScriptedProvider scripted, String modelId)
            throws InterruptedException {
        return ask(Provider.ANTHROPIC, scripted.url(""), modelId);
    }

    static ModelReply ask(Provider provider, URI baseUrl, String modelId)
            throws InterruptedException {
        return ask(Deployments.of(provider, baseUrl, modelId, Duration.ofSeconds(20)));
    }

    static ModelReply ask(Deployment deployment) throws InterruptedException {
        try (Transport transport = Transport.start()) {
            InstantSource clock = InstantSource.system();
            Model model =
                    deployment.endpoint().provider() == Provider.ANTHROPIC
                            ? new AnthropicModel(deployment, transport, clock)
                            : new OpenAiModel(deployment, transport, clock);
            return model.ask(request(), UUID.randomUUID()).reply();
        }
    }

    /** The reply as an answer; fails if it is not one. */
    static ModelReply.Answered answered(ModelReply reply) {
        assertThat(reply).isInstanceOf(ModelReply.Answered.class);
        return (ModelReply.Answered) reply;
    }

    /** The body of the first request. */
    static JsonNode sent(ScriptedProvider scripted) {
        String request = scripted.requests().getFirst();
        return JsonMapper.shared().readTree(request.substring(request.indexOf("\n\n") + 2));
    }

    static PreparedInput input() {
        return new InputPreparer(SEO.input(), TokenCounter.of(List.of(ModelTraits.UNKNOWN)))
                .prepare("<title>A page</title><h1>Hi</h1>");
    }

    static ModelRequest request() {
        PromptWriter prompts = new PromptWriter(SEO, TokenCounter.of(List.of(ModelTraits.UNKNOWN)));
        return prompts.request(prompts.ask(input()));
    }
}
