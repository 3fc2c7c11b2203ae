package dev.sluice.analysis.model;

import com.openai.azure.credential.AzureApiKeyCredential;
import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientImpl;
import com.openai.core.ClientOptions;
import com.openai.core.JsonValue;
import com.openai.core.LogLevel;
import com.openai.core.http.HttpResponseFor;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.ResponseFormatJsonObject;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionUsage;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.prompt.Message;
import dev.sluice.analysis.transport.Transport;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model behind OpenAI's chat completions, at OpenAI, at Azure, or wherever they are spoken. The
 * SDK's own retries are off: they would spend quota and money that nobody accounts for.
 */
public final class OpenAiModel implements Model {
    private final Deployment deployment;
    private final OpenAIClient client;
    private final InstantSource clock;
    private final ConcurrentMap<ObjectNode, ProviderSchema> schemas = new ConcurrentHashMap<>();

    public OpenAiModel(Deployment deployment, Transport transport, InstantSource clock) {
        this.deployment = deployment;
        this.clock = clock;
        Endpoint endpoint = deployment.endpoint();
        ClientOptions.Builder options =
                ClientOptions.builder()
                        .httpClient(new OpenAiHttp(transport, endpoint.timeout()))
                        .baseUrl(endpoint.baseUrl().toString())
                        .maxRetries(0)
                        .logLevel(LogLevel.OFF);
        String key = endpoint.apiKey().value();
        this.client =
                new OpenAIClientImpl(
                        (endpoint.provider() == Provider.AZURE
                                        ? options.credential(AzureApiKeyCredential.create(key))
                                        : options.apiKey(key))
                                .build());
    }

    @Override
    public ModelReply ask(ModelRequest request, UUID callId) throws InterruptedException {
        try (HttpResponseFor<ChatCompletion> response =
                client.chat().completions().withRawResponse().create(parameters(request, callId))) {
            RateLimits limits = headers(response.headers()::values).rateLimits();
            return TransportFailure.unlessUnreadable(() -> reply(response.parse(), limits));
        } catch (OpenAIServiceException e) {
            return refusal(e);
        } catch (OpenAIException e) {
            TransportFailure.throwIfInterrupted();
            return TransportFailure.reply(e);
        }
    }

    private ChatCompletionCreateParams parameters(ModelRequest request, UUID callId) {
        ModelTraits traits = deployment.traits();
        ChatCompletionCreateParams.Builder parameters =
                ChatCompletionCreateParams.builder()
                        .model(deployment.endpoint().sentAs())
                        .putAdditionalHeader(Model.CALL_ID_HEADER, callId.toString());
        switch (traits.outputLimit()) {
            case MAX_COMPLETION_TOKENS -> parameters.maxCompletionTokens(request.maxOutputTokens());
            case MAX_TOKENS ->
                    parameters.putAdditionalBodyProperty(
                            "max_tokens", JsonValue.from(request.maxOutputTokens()));
        }
        for (Message message : request.messages()) {
            switch (message.role()) {
                case SYSTEM -> parameters.addSystemMessage(message.text());
                case USER -> parameters.addUserMessage(message.text());
                case ASSISTANT -> parameters.addAssistantMessage(message.text());
            }
        }
        if (traits.temperature()) {
            request.temperature().ifPresent(parameters::temperature);
        }
        switch (traits.structuredOutput()) {
            case JSON_SCHEMA -> parameters.responseFormat(format(request));
            case JSON_OBJECT ->
                    parameters.responseFormat(ResponseFormatJsonObject.builder().build());
            case TOOL, NONE -> {}
        }
        return parameters.build();
    }

    private ResponseFormatJsonSchema format(ModelRequest request) {
        ProviderSchema schema =
                schemas.computeIfAbsent(
                        request.schema(), whole -> ProviderSchema.of(whole, SchemaDialect.OPENAI));
        ResponseFormatJsonSchema.JsonSchema.Schema.Builder body =
                ResponseFormatJsonSchema.JsonSchema.Schema.builder();
        schema.schema()
                .forEachEntry((keyword, value) ->
                        body.putAdditionalProperty(keyword, JsonValue.from(plain(value))));
        return ResponseFormatJsonSchema.builder()
                .jsonSchema(
                        ResponseFormatJsonSchema.JsonSchema.builder()
                                .name(request.analysis())
                                .strict(schema.strict())
                                .schema(body.build())
                                .build())
                .build();
    }

    private static ModelReply reply(@Nullable ChatCompletion completion, RateLimits limits) {
        if (completion == null) {
            return ProviderReply.UNKNOWN_JSON.reply(
                    OptionalInt.of(200), "the answer is null", Optional.empty());
        }
        Optional<TokenUsage> usage = completion.usage().flatMap(OpenAiModel::usage);
        if (completion.choices().isEmpty()) {
            return new ModelReply.Answered("", FinishReason.OTHER, usage, completion.id(), limits);
        }
        ChatCompletion.Choice choice = completion.choices().getFirst();
        Optional<String> refusal = choice.message().refusal();
        if (refusal.isPresent()) {
            return new ModelReply.Refused(refusal.get(), usage, completion.id());
        }
        return new ModelReply.Answered(
                choice.message().content().orElse(""),
                finish(choice.finishReason()),
                usage,
                completion.id(),
                limits);
    }

    private static FinishReason finish(ChatCompletion.Choice.FinishReason reason) {
        return switch (reason.value()) {
            case STOP -> FinishReason.STOP;
            case LENGTH -> FinishReason.LENGTH;
            case CONTENT_FILTER -> FinishReason.CONTENT_FILTER;
            case TOOL_CALLS, FUNCTION_CALL, _UNKNOWN -> FinishReason.OTHER;
        };
    }

    /** OpenAI's prompt tokens include the cached ones. */
    private static Optional<TokenUsage> usage(CompletionUsage usage) {
        return TokenUsage.counted(
                usage.promptTokens(),
                usage.promptTokensDetails().flatMap(d -> d.cachedTokens()).orElse(0L),
                usage.promptTokensDetails().flatMap(d -> d.cacheWriteTokens()).orElse(0L),
                usage.completionTokens(),
                usage.completionTokensDetails().flatMap(d -> d.reasoningTokens()).orElse(0L));
    }

    private ModelReply refusal(OpenAIServiceException e) {
        return ProviderError.of(e.statusCode(), () -> e.body().convert(Object.class))
                .reply(headers(e.headers()::values).retryAfter());
    }

    private ResponseHeaders headers(ResponseHeaders.Source source) {
        return new ResponseHeaders(source, clock);
    }

    /** The SDK has its own JSON library, so trees cross over as maps and lists. */
    private static @Nullable Object plain(JsonNode node) {
        return JsonMapper.shared().convertValue(node, Object.class);
    }
}
