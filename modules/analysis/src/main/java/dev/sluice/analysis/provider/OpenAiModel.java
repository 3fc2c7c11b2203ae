package dev.sluice.analysis.provider;

import static dev.sluice.analysis.provider.AnswerFields.isTextOrAbsent;
import static dev.sluice.analysis.provider.AnswerFields.text;

import com.openai.core.JsonValue;
import com.openai.core.ObjectMappers;
import com.openai.models.ResponseFormatJsonObject;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.sluice.analysis.concurrent.Memo;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.ReplyFacts;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.transport.HttpSender;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Model behind OpenAI's chat completions, at OpenAI, Azure or a compatible server. */
public final class OpenAiModel implements Model {
    private static final ProviderHttp.Reading READING =
            new ProviderHttp.Reading() {
                @Override
                public Optional<ModelReply> reply(
                        JsonNode completion, ModelRequest request, RateLimits limits) {
                    return OpenAiModel.reply(completion, usage(completion, request), limits);
                }

                @Override
                public Optional<TokenUsage> usage(JsonNode completion, ModelRequest request) {
                    JsonNode message = completion.path("choices").path(0).path("message");
                    boolean hasText = !content(message).orElse("").isEmpty();
                    return ReportedUsage.openAi(completion.path("usage"), request, hasText);
                }

                @Override
                public ReplyFacts facts(JsonNode completion, String requestId) {
                    return new ReplyFacts(
                            requestId,
                            text(completion, "model"),
                            text(completion, "service_tier"),
                            "");
                }
            };

    private final Deployment deployment;
    private final ProviderHttp http;
    private final Memo<AnswerSpec, ResponseFormatJsonSchema> formats = new Memo<>();

    public OpenAiModel(Deployment deployment, HttpSender sender, InstantSource clock) {
        this.deployment = deployment;
        this.http =
                new ProviderHttp(
                        sender,
                        deployment.endpoint(),
                        "/chat/completions",
                        Map.of(),
                        new RequestBodies(
                                ObjectMappers.jsonMapper().writer(),
                                request -> parameters(request)._body()),
                        clock);
    }

    @Override
    public CallResult ask(ModelRequest request, UUID callId) throws InterruptedException {
        return http.call(request, callId, READING);
    }

    private ChatCompletionCreateParams parameters(ModelRequest request) {
        ModelTraits traits = deployment.traits();
        ChatCompletionCreateParams.Builder parameters =
                ChatCompletionCreateParams.builder().model(deployment.endpoint().sentAs());
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
            request.answer().temperature().ifPresent(parameters::temperature);
        }
        switch (traits.structuredOutput()) {
            case JSON_SCHEMA ->
                    parameters.responseFormat(formats.get(request.answer(), OpenAiModel::format));
            case JSON_OBJECT ->
                    parameters.responseFormat(ResponseFormatJsonObject.builder().build());
            case TOOL, NONE -> {}
        }
        deployment
                .endpoint()
                .serviceTier()
                .ifPresent(tier ->
                        parameters.putAdditionalBodyProperty(
                                "service_tier", JsonValue.from(tier.name())));
        return parameters.build();
    }

    private static ResponseFormatJsonSchema format(AnswerSpec answer) {
        ProviderSchema schema = ProviderSchema.of(answer.schema(), SchemaDialect.OPENAI);
        ResponseFormatJsonSchema.JsonSchema.Schema.Builder body =
                ResponseFormatJsonSchema.JsonSchema.Schema.builder();
        schema.schema()
                .forEachEntry((keyword, value) ->
                        body.putAdditionalProperty(keyword, JsonValue.from(plain(value))));
        return ResponseFormatJsonSchema.builder()
                .jsonSchema(
                        ResponseFormatJsonSchema.JsonSchema.builder()
                                .name(answer.analysis())
                                .strict(schema.strict())
                                .schema(body.build())
                                .build())
                .build();
    }

    private static Optional<ModelReply> reply(
            JsonNode completion, Optional<TokenUsage> usage, RateLimits limits) {
        JsonNode choices = completion.path("choices");
        JsonNode message = choices.path(0).path("message");
        Optional<String> content = content(message);
        if (!choices.isArray()
                || (!choices.isEmpty() && !message.isObject())
                || content.isEmpty()) {
            return Optional.empty();
        }
        String id = text(completion, "id");
        String refusal = text(message, "refusal");
        return Optional.of(
                refusal.isEmpty()
                        ? new ModelReply.Answered(
                                content.get(),
                                FinishReason.of(text(choices.path(0), "finish_reason")),
                                usage,
                                id,
                                limits)
                        : new ModelReply.Refused(refusal, usage, id));
    }

    /**
     * The text of a message, from a string or from parts; parts with the model's reasoning are left
     * out.
     */
    private static Optional<String> content(JsonNode message) {
        JsonNode content = message.path("content");
        if (!content.isArray()) {
            return isTextOrAbsent(message, "content")
                    ? Optional.of(text(message, "content"))
                    : Optional.empty();
        }
        StringBuilder texts = new StringBuilder();
        for (JsonNode part : content) {
            String type = text(part, "type");
            if (part.isString()) {
                texts.append(part.asString());
            } else if (type.equals("text") || type.equals("output_text")) {
                if (!part.path("text").isString()) {
                    return Optional.empty();
                }
                texts.append(text(part, "text"));
            }
        }
        return Optional.of(texts.toString());
    }

    /** Converts a JSON tree to maps and lists, because the SDK uses another JSON library. */
    private static @Nullable Object plain(JsonNode node) {
        return JsonMapper.shared().convertValue(node, Object.class);
    }
}
