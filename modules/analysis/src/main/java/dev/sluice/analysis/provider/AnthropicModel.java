package dev.sluice.analysis.provider;

import static dev.sluice.analysis.provider.AnswerFields.text;

import com.anthropic.core.JsonValue;
import com.anthropic.core.ObjectMappers;
import com.anthropic.models.messages.JsonOutputFormat;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.OutputConfig;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolChoiceTool;
import dev.sluice.analysis.concurrent.Memo;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits.StructuredOutput;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.ReplyFacts;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.transport.HttpSender;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Model behind Anthropic's messages API. */
public final class AnthropicModel implements Model {
    /** Version of the API for which the SDK's types are made. */
    private static final String VERSION = "2023-06-01";

    private static final ProviderHttp.Reading READING =
            new ProviderHttp.Reading() {
                @Override
                public Optional<ModelReply> reply(
                        JsonNode message, ModelRequest request, RateLimits limits) {
                    return AnthropicModel.reply(message, request, usage(message, request), limits);
                }

                @Override
                public Optional<TokenUsage> usage(JsonNode message, ModelRequest request) {
                    boolean hasText =
                            !written(message.path("content"), request).orElse("").isEmpty();
                    return ReportedUsage.anthropic(message.path("usage"), request, hasText);
                }

                @Override
                public ReplyFacts facts(JsonNode message, String requestId) {
                    JsonNode usage = message.path("usage");
                    return new ReplyFacts(
                            requestId,
                            text(message, "model"),
                            text(usage, "service_tier"),
                            text(usage, "inference_geo"));
                }
            };

    private final Deployment deployment;
    private final ProviderHttp http;
    private final Memo<AnswerSpec, ProviderSchema> schemas = new Memo<>();

    public AnthropicModel(Deployment deployment, HttpSender sender, InstantSource clock) {
        this.deployment = deployment;
        this.http =
                new ProviderHttp(
                        sender,
                        deployment.endpoint(),
                        "/v1/messages",
                        Map.of("anthropic-version", VERSION),
                        new RequestBodies(
                                ObjectMappers.jsonMapper().writer(),
                                request -> parameters(request)._body()),
                        clock);
    }

    @Override
    public CallResult ask(ModelRequest request, UUID callId) throws InterruptedException {
        return http.call(request, callId, READING);
    }

    private MessageCreateParams parameters(ModelRequest request) {
        MessageCreateParams.Builder parameters =
                MessageCreateParams.builder()
                        .model(deployment.endpoint().sentAs())
                        .maxTokens(request.maxOutputTokens());
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
        deployment
                .endpoint()
                .serviceTier()
                .ifPresent(tier ->
                        parameters.putAdditionalBodyProperty(
                                "service_tier", JsonValue.from(tier.name())));
        return parameters.build();
    }

    /**
     * How the request specifies the answer. A schema that the provider cannot enforce is sent as
     * the input schema of a tool.
     */
    private StructuredOutput structuredOutput(ModelRequest request) {
        StructuredOutput own = deployment.traits().structuredOutput();
        return own == StructuredOutput.JSON_SCHEMA && !schema(request).strict()
                ? StructuredOutput.TOOL
                : own;
    }

    private ProviderSchema schema(ModelRequest request) {
        return schemas.get(
                request.answer(),
                answer -> ProviderSchema.of(answer.schema(), SchemaDialect.ANTHROPIC));
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
        Map<String, JsonValue> schema = values(request.answer().schema());
        schema.remove("type");
        return Tool.builder()
                .name(request.analysis())
                .description("Takes the whole answer.")
                .inputSchema(Tool.InputSchema.builder().putAllAdditionalProperties(schema).build())
                .build();
    }

    /** Converts a JSON tree to maps and lists, because the SDK uses another JSON library. */
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

    private static Optional<ModelReply> reply(
            JsonNode message, ModelRequest request, Optional<TokenUsage> usage, RateLimits limits) {
        if (!message.path("content").isArray()) {
            return Optional.empty();
        }
        String id = text(message, "id");
        String stop = text(message, "stop_reason");
        Optional<String> written = written(message.path("content"), request);
        if (stop.equals("refusal")) {
            String explanation = text(message.path("stop_details"), "explanation");
            return Optional.of(
                    new ModelReply.Refused(
                            explanation.isEmpty() ? written.orElse("") : explanation, usage, id));
        }
        return written.map(
                text -> new ModelReply.Answered(text, FinishReason.of(stop), usage, id, limits));
    }

    /**
     * The input of the tool the model had to call, or the text it wrote; empty if there is neither.
     */
    private static Optional<String> written(JsonNode content, ModelRequest request) {
        StringBuilder texts = new StringBuilder();
        for (JsonNode block : content) {
            String type = text(block, "type");
            if (type.equals("tool_use") && text(block, "name").equals(request.analysis())) {
                JsonNode input = block.path("input");
                return input.isMissingNode() ? Optional.empty() : Optional.of(input.toString());
            }
            if (type.equals("text")) {
                if (!block.path("text").isString()) {
                    return Optional.empty();
                }
                texts.append(text(block, "text"));
            }
        }
        return Optional.of(texts.toString());
    }
}
