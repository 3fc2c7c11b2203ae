package dev.sluice.simulator;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** OpenAI's chat completions interface. */
final class OpenAiDialect implements Dialect {
    private static final int DEFAULT_MAX_OUTPUT = 16_384;

    private final InstantSource clock = InstantSource.system();

    @Override
    public ChatRequest read(ObjectNode body) {
        JsonNode format = body.path("response_format").path("json_schema");
        int limit =
                body.path("max_completion_tokens")
                        .asInt(body.path("max_tokens").asInt(DEFAULT_MAX_OUTPUT));
        List<ChatRequest.Message> messages =
                body.path("messages").valueStream().map(ChatRequest.Message::of).toList();
        return new ChatRequest(
                body.path("model").asString(""),
                messages,
                format.path("name").asString(""),
                format.path("schema"),
                false,
                limit,
                body.path("service_tier").asString(""));
    }

    /** Rejects a temperature and the older output limit for reasoning models. */
    @Override
    public Optional<String> objection(ObjectNode body) {
        boolean reasons = body.path("model").asString("").matches("(o\\d|gpt-5).*");
        return Stream.of("temperature", "max_tokens")
                .filter(parameter -> reasons && body.has(parameter))
                .map(parameter -> "unsupported parameter: '" + parameter + "'")
                .findFirst();
    }

    @Override
    public ObjectNode write(ChatRequest request, Reply reply) {
        ObjectNode completion = JsonMapper.shared().createObjectNode();
        completion.put("id", "chatcmpl-sim" + reply.id());
        completion.put("object", "chat.completion");
        completion.put("created", clock.instant().getEpochSecond());
        completion.put("model", request.model());
        ObjectNode choice = completion.putArray("choices").addObject();
        choice.put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        if (reply.ending() == Ending.REFUSAL) {
            message.putNull("content").put("refusal", reply.text());
        } else {
            message.put("content", reply.text()).putNull("refusal");
        }
        choice.putNull("logprobs");
        choice.put("finish_reason", reply.ending() == Ending.LENGTH ? "length" : "stop");
        if (!request.tier().isEmpty() || reply.tier() != Tier.STANDARD) {
            completion.put("service_tier", reply.tier().openAi());
        }
        writeUsage(completion.putObject("usage"), reply.tokens());
        return completion;
    }

    private static void writeUsage(ObjectNode usage, Tokens tokens) {
        usage.put("prompt_tokens", tokens.input());
        usage.put("completion_tokens", tokens.output());
        usage.put("total_tokens", tokens.input() + tokens.output());
        usage.putObject("prompt_tokens_details").put("cached_tokens", tokens.cachedInput());
        usage.putObject("completion_tokens_details").put("reasoning_tokens", tokens.reasoning());
    }

    @Override
    public Map<String, String> limits(Quota.Standing standing, Instant now) {
        return Map.of(
                "x-ratelimit-limit-tokens",
                Long.toString(standing.limit()),
                "x-ratelimit-remaining-tokens",
                Long.toString(standing.remaining()),
                "x-ratelimit-reset-tokens",
                standing.reset().toMillis() + "ms");
    }

    @Override
    public ChatAnswer error(int status, String code, String message) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.putObject("error")
                .put("message", message)
                .put("type", "simulated_error")
                .put("code", code.toLowerCase(Locale.ROOT))
                .putNull("param");
        return new ChatAnswer(status, body);
    }
}
