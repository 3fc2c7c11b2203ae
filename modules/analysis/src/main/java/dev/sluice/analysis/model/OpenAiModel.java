package dev.sluice.analysis.model;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.Headers;
import com.openai.core.http.HttpResponseFor;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionUsage;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.prompt.Message;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model behind OpenAI's chat completions, or whatever speaks them. The SDK's own retries are off:
 * they would spend quota and money that nobody accounts for.
 */
public final class OpenAiModel implements Model, AutoCloseable {
    private static final Duration KEY_PAUSE = Duration.ofMinutes(1);

    private final Deployment deployment;
    private final OpenAIClient client;
    private final ConcurrentMap<ObjectNode, ProviderSchema> schemas = new ConcurrentHashMap<>();

    public OpenAiModel(Deployment deployment) {
        this.deployment = deployment;
        this.client =
                OpenAIOkHttpClient.builder()
                        .baseUrl(deployment.baseUrl().toString())
                        .apiKey(deployment.apiKey().value())
                        .maxRetries(0)
                        .timeout(deployment.timeout())
                        .build();
    }

    @Override
    public ModelReply ask(ModelRequest request) throws InterruptedException {
        try (HttpResponseFor<ChatCompletion> response =
                client.chat().completions().withRawResponse().create(parameters(request))) {
            return reply(response.parse());
        } catch (OpenAIServiceException e) {
            return refusal(e);
        } catch (OpenAIIoException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the call was cancelled");
            }
            boolean neverSent = neverSent(e);
            return new ModelReply.Unavailable(
                    OptionalInt.empty(),
                    (neverSent ? "cannot connect: " : "no answer: ") + rootCause(e),
                    !neverSent);
        } catch (OpenAIException e) {
            return new ModelReply.Unavailable(
                    OptionalInt.of(200), "the answer is no chat completion: " + e, true);
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private ChatCompletionCreateParams parameters(ModelRequest request) {
        ChatCompletionCreateParams.Builder parameters =
                ChatCompletionCreateParams.builder()
                        .model(deployment.modelId())
                        .maxCompletionTokens(request.maxOutputTokens());
        for (Message message : request.messages()) {
            switch (message.role()) {
                case SYSTEM -> parameters.addSystemMessage(message.text());
                case USER -> parameters.addUserMessage(message.text());
                case ASSISTANT -> parameters.addAssistantMessage(message.text());
            }
        }
        request.temperature().ifPresent(parameters::temperature);
        ProviderSchema schema = schemas.computeIfAbsent(request.schema(), ProviderSchema::of);
        ResponseFormatJsonSchema.JsonSchema.Schema.Builder body =
                ResponseFormatJsonSchema.JsonSchema.Schema.builder();
        schema.schema()
                .forEachEntry((keyword, value) ->
                        body.putAdditionalProperty(keyword, JsonValue.from(plain(value))));
        return parameters
                .responseFormat(
                        ResponseFormatJsonSchema.builder()
                                .jsonSchema(
                                        ResponseFormatJsonSchema.JsonSchema.builder()
                                                .name(request.schemaName())
                                                .strict(schema.strict())
                                                .schema(body.build())
                                                .build())
                                .build())
                .build();
    }

    private static ModelReply reply(ChatCompletion completion) {
        TokenUsage usage = completion.usage().map(OpenAiModel::usage).orElse(TokenUsage.NONE);
        if (completion.usage().isEmpty()) {
            return new ModelReply.Unavailable(
                    OptionalInt.of(200), "the answer names no token usage", true);
        }
        if (completion.choices().isEmpty()) {
            return new ModelReply.Answered("", FinishReason.OTHER, usage, completion.id());
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
                completion.id());
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
    private static TokenUsage usage(CompletionUsage usage) {
        return new TokenUsage(
                usage.promptTokens(),
                usage.promptTokensDetails().flatMap(d -> d.cachedTokens()).orElse(0L),
                usage.promptTokensDetails().flatMap(d -> d.cacheWriteTokens()).orElse(0L),
                usage.completionTokens(),
                usage.completionTokensDetails().flatMap(d -> d.reasoningTokens()).orElse(0L));
    }

    private static ModelReply refusal(OpenAIServiceException e) {
        int status = e.statusCode();
        String message = "HTTP " + status + e.code().map(code -> " " + code).orElse("");
        if (status == 401 || status == 403) {
            return new ModelReply.Throttled(
                    status, message + ": the API key is not accepted", Optional.of(KEY_PAUSE));
        }
        if (status == 429) {
            boolean outOfMoney = e.code().filter("insufficient_quota"::equals).isPresent();
            return new ModelReply.Throttled(
                    status, message, outOfMoney ? Optional.of(KEY_PAUSE) : retryAfter(e.headers()));
        }
        if (status == 408 || status == 409 || status >= 500) {
            return new ModelReply.Unavailable(OptionalInt.of(status), message, false);
        }
        return new ModelReply.Rejected(status, message);
    }

    private static Optional<Duration> retryAfter(Headers headers) {
        for (String value : headers.values("retry-after")) {
            if (value.strip().matches("\\d{1,6}")) {
                return Optional.of(Duration.ofSeconds(Long.parseLong(value.strip())));
            }
        }
        return Optional.empty();
    }

    private static boolean neverSent(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof UnknownHostException
                    || cause instanceof NoRouteToHostException
                    || cause instanceof SSLException
                    || isConnectTimeout(cause)) {
                return true;
            }
        }
        return false;
    }

    /** The transport tells the phases of a timeout apart in words only. */
    private static boolean isConnectTimeout(Throwable cause) {
        return cause instanceof SocketTimeoutException
                && String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT).contains("connect");
    }

    private static String rootCause(Throwable failure) {
        Throwable cause = failure;
        for (Throwable next = cause.getCause(); next != null; next = next.getCause()) {
            cause = next;
        }
        @Nullable String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : " (" + message + ")");
    }

    /** The SDK has its own JSON library, so trees cross over as maps and lists. */
    private static @Nullable Object plain(JsonNode node) {
        return tools.jackson.databind.json.JsonMapper.shared().convertValue(node, Object.class);
    }
}
