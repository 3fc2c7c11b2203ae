package dev.sluice.analysis.model;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.AnthropicClientImpl;
import com.anthropic.core.ClientOptions;
import com.anthropic.core.JsonValue;
import com.anthropic.core.LogLevel;
import com.anthropic.core.http.HttpResponseFor;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.JsonOutputFormat;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.OutputConfig;
import com.anthropic.models.messages.RefusalStopDetails;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolChoiceTool;
import com.anthropic.models.messages.Usage;
import dev.sluice.analysis.model.ModelTraits.StructuredOutput;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.transport.Transport;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model behind Anthropic's messages. The SDK's own retries are off: they would spend quota and
 * money that nobody accounts for.
 */
public final class AnthropicModel implements Model {
    private final Deployment deployment;
    private final AnthropicClient client;
    private final InstantSource clock;
    private final ConcurrentMap<ObjectNode, ProviderSchema> schemas = new ConcurrentHashMap<>();

    public AnthropicModel(Deployment deployment, Transport transport, InstantSource clock) {
        this.deployment = deployment;
        this.clock = clock;
        Endpoint endpoint = deployment.endpoint();
        this.client =
                new AnthropicClientImpl(
                        ClientOptions.builder()
                                .httpClient(new AnthropicHttp(transport, endpoint.timeout()))
                                .baseUrl(endpoint.baseUrl().toString())
                                .putHeader("x-api-key", endpoint.apiKey().value())
                                .timeout(endpoint.timeout())
                                .maxRetries(0)
                                .logLevel(LogLevel.OFF)
                                .build());
    }

    @Override
    public ModelReply ask(ModelRequest request, UUID callId) throws InterruptedException {
        try (HttpResponseFor<Message> response =
                client.messages().withRawResponse().create(parameters(request, callId))) {
            RateLimits limits = headers(response.headers()::values).rateLimits();
            return TransportFailure.unlessUnreadable(
                    () -> reply(response.parse(), request, limits));
        } catch (AnthropicServiceException e) {
            return refusal(e);
        } catch (AnthropicException e) {
            TransportFailure.throwIfInterrupted();
            return TransportFailure.reply(e);
        }
    }

    private MessageCreateParams parameters(ModelRequest request, UUID callId) {
        MessageCreateParams.Builder parameters =
                MessageCreateParams.builder()
                        .model(deployment.endpoint().sentAs())
                        .maxTokens(request.maxOutputTokens())
                        .putAdditionalHeader(Model.CALL_ID_HEADER, callId.toString());
        for (var message : request.messages()) {
            switch (message.role()) {
                case SYSTEM -> parameters.system(message.text());
                case USER -> parameters.addUserMessage(message.text());
                case ASSISTANT -> parameters.addAssistantMessage(message.text());
            }
        }
        switch (structuredOutput(request)) {
            case JSON_SCHEMA ->
                    parameters.outputConfig(
                            OutputConfig.builder()
                                    .format(format(schema(request).schema()))
                                    .build());
            case TOOL ->
                    parameters
                            .addTool(tool(request))
                            .toolChoice(
                                    ToolChoiceTool.builder()
                                            .name(request.analysis())
                                            .disableParallelToolUse(true)
                                            .build());
            case JSON_OBJECT, NONE -> {}
        }
        return parameters.build();
    }

    /** A schema that the provider cannot enforce is shown to it as that of a tool. */
    private StructuredOutput structuredOutput(ModelRequest request) {
        StructuredOutput own = deployment.traits().structuredOutput();
        return own == StructuredOutput.JSON_SCHEMA && !schema(request).strict()
                ? StructuredOutput.TOOL
                : own;
    }

    private ProviderSchema schema(ModelRequest request) {
        return schemas.computeIfAbsent(
                request.schema(), whole -> ProviderSchema.of(whole, SchemaDialect.ANTHROPIC));
    }

    private static JsonOutputFormat format(ObjectNode schema) {
        return JsonOutputFormat.builder()
                .schema(
                        JsonOutputFormat.Schema.builder()
                                .putAllAdditionalProperties(values(schema))
                                .build())
                .build();
    }

    private static Tool tool(ModelRequest request) {
        Map<String, JsonValue> schema = values(request.schema());
        schema.remove("type");
        return Tool.builder()
                .name(request.analysis())
                .description("Takes the whole answer.")
                .inputSchema(Tool.InputSchema.builder().putAllAdditionalProperties(schema).build())
                .build();
    }

    /** The SDK has its own JSON library, so trees cross over as maps and lists. */
    private static Map<String, JsonValue> values(ObjectNode tree) {
        Map<String, JsonValue> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : tree.properties()) {
            values.put(
                    field.getKey(),
                    JsonValue.from(
                            JsonMapper.shared().convertValue(field.getValue(), Object.class)));
        }
        return values;
    }

    private static ModelReply reply(
            @Nullable Message message, ModelRequest request, RateLimits limits) {
        if (message == null) {
            return ProviderReply.UNKNOWN_JSON.reply(
                    OptionalInt.of(200), "the answer is null", Optional.empty());
        }
        Optional<TokenUsage> usage = message._usage().asKnown().flatMap(AnthropicModel::usage);
        Optional<StopReason> stop = message.stopReason();
        if (stop.filter(StopReason.REFUSAL::equals).isPresent()) {
            String words =
                    message.stopDetails()
                            .flatMap(RefusalStopDetails::explanation)
                            .orElseGet(() -> text(message, request));
            return new ModelReply.Refused(words, usage, message.id());
        }
        return new ModelReply.Answered(
                text(message, request),
                stop.map(AnthropicModel::finish).orElse(FinishReason.OTHER),
                usage,
                message.id(),
                limits);
    }

    /** The input of the tool the model had to call, or what it wrote. */
    private static String text(Message message, ModelRequest request) {
        return message.content().stream()
                .flatMap(block -> block.toolUse().stream())
                .filter(use -> use.name().equals(request.analysis()))
                .findFirst()
                .map(use ->
                        JsonMapper.shared().writeValueAsString(use._input().convert(Object.class)))
                .orElseGet(() ->
                        message.content().stream()
                                .map(ContentBlock::text)
                                .flatMap(Optional::stream)
                                .map(block -> block.text())
                                .collect(Collectors.joining()));
    }

    private static FinishReason finish(StopReason reason) {
        return switch (reason.value()) {
            case END_TURN, STOP_SEQUENCE, TOOL_USE -> FinishReason.STOP;
            case MAX_TOKENS, MODEL_CONTEXT_WINDOW_EXCEEDED -> FinishReason.LENGTH;
            case REFUSAL, PAUSE_TURN, _UNKNOWN -> FinishReason.OTHER;
        };
    }

    /** Anthropic's input tokens are those that have to do with no cache. */
    private static Optional<TokenUsage> usage(Usage usage) {
        long cached = usage.cacheReadInputTokens().orElse(0L);
        long written = usage.cacheCreationInputTokens().orElse(0L);
        return TokenUsage.counted(
                usage.inputTokens() + cached + written,
                cached,
                written,
                usage.outputTokens(),
                usage.outputTokensDetails().map(details -> details.thinkingTokens()).orElse(0L));
    }

    private ModelReply refusal(AnthropicServiceException e) {
        return ProviderError.of(e.statusCode(), () -> e.body().convert(Object.class))
                .reply(headers(e.headers()::values).retryAfter());
    }

    private ResponseHeaders headers(ResponseHeaders.Source source) {
        return new ResponseHeaders(source, clock);
    }
}
