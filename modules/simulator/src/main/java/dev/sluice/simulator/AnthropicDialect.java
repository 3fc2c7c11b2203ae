package dev.sluice.simulator;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Anthropic's messages interface, with JSON outputs and with forced tool calls. */
final class AnthropicDialect implements Dialect {
    @Override
    public ChatRequest read(ObjectNode body) {
        List<ChatRequest.Message> messages = new ArrayList<>();
        if (body.has("system")) {
            messages.add(new ChatRequest.Message("system", ChatRequest.text(body.path("system"))));
        }
        body.path("messages").valueStream().map(ChatRequest.Message::of).forEach(messages::add);
        JsonNode tool = body.path("tools").path(0);
        boolean viaTool = body.path("tool_choice").path("type").asString("").equals("tool");
        return new ChatRequest(
                body.path("model").asString(""),
                messages,
                viaTool ? tool.path("name").asString("") : "",
                viaTool
                        ? tool.path("input_schema")
                        : body.path("output_config").path("format").path("schema"),
                viaTool,
                body.path("max_tokens").asInt(0),
                body.path("service_tier").asString(""));
    }

    /** Rejects sampling parameters, which this version of the interface does not allow. */
    @Override
    public Optional<String> objection(ObjectNode body) {
        if (!body.path("max_tokens").isIntegralNumber()) {
            return Optional.of("max_tokens: field required");
        }
        return Stream.of("temperature", "top_p", "top_k")
                .filter(body::has)
                .map(parameter -> parameter + ": extra inputs are not permitted")
                .findFirst();
    }

    @Override
    public ObjectNode write(ChatRequest request, Reply reply) {
        ObjectNode message = JsonMapper.shared().createObjectNode();
        message.put("id", "msg_sim" + reply.id());
        message.put("type", "message");
        message.put("role", "assistant");
        message.put("model", request.model());
        Optional<ObjectNode> input = request.viaTool() ? object(reply.text()) : Optional.empty();
        ArrayNode content = message.putArray("content");
        if (input.isPresent() && reply.ending() == Ending.STOP) {
            ObjectNode use = content.addObject().put("type", "tool_use");
            use.put("id", "toolu_sim" + reply.id()).put("name", request.schemaName());
            use.set("input", input.get());
            message.put("stop_reason", "tool_use");
        } else {
            content.addObject().put("type", "text").put("text", reply.text());
            message.put("stop_reason", stopReason(reply.ending()));
        }
        message.putNull("stop_sequence");
        writeUsage(message.putObject("usage"), reply);
        return message;
    }

    /**
     * Writes the usage. Anthropic does not count cached and cache-writing tokens as input tokens.
     */
    private static void writeUsage(ObjectNode usage, Reply reply) {
        Tokens tokens = reply.tokens();
        usage.put("input_tokens", tokens.plainInput());
        usage.put("cache_creation_input_tokens", tokens.cacheWrite() + tokens.hourCacheWrite());
        usage.put("cache_read_input_tokens", tokens.cachedInput());
        usage.putObject("cache_creation")
                .put("ephemeral_5m_input_tokens", tokens.cacheWrite())
                .put("ephemeral_1h_input_tokens", tokens.hourCacheWrite());
        usage.put("output_tokens", tokens.output());
        usage.put("service_tier", reply.tier().anthropic());
        if (reply.tier() == Tier.IN_THE_US) {
            usage.put("inference_geo", "us");
        }
    }

    @Override
    public Map<String, String> limits(Quota.Standing standing, Instant now) {
        return Map.of(
                "anthropic-ratelimit-tokens-limit",
                Long.toString(standing.limit()),
                "anthropic-ratelimit-tokens-remaining",
                Long.toString(standing.remaining()),
                "anthropic-ratelimit-tokens-reset",
                now.plus(standing.reset()).truncatedTo(ChronoUnit.SECONDS).toString());
    }

    @Override
    public ChatAnswer error(int status, String code, String message) {
        ObjectNode body = JsonMapper.shared().createObjectNode().put("type", "error");
        body.putObject("error").put("type", errorType(status)).put("message", message);
        return new ChatAnswer(status, body);
    }

    private static String stopReason(Ending ending) {
        return switch (ending) {
            case STOP -> "end_turn";
            case LENGTH -> "max_tokens";
            case REFUSAL -> "refusal";
        };
    }

    private static String errorType(int status) {
        return switch (status) {
            case 400 -> "invalid_request_error";
            case 401 -> "authentication_error";
            case 404 -> "not_found_error";
            case 429 -> "rate_limit_error";
            default -> "api_error";
        };
    }

    private static Optional<ObjectNode> object(String text) {
        try {
            return JsonMapper.shared().readTree(text) instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
