package dev.sluice.simulator;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers chat completion requests: reads the prompt, answers it, or fails as scripted. */
final class ChatCompletions {
    /** What OpenAI adds per message and per conversation. */
    private static final int TOKENS_PER_MESSAGE = 3;

    private static final Pattern BEARER = Pattern.compile("Bearer (\\S+)");

    private final SimulatorSettings settings;
    private final Draw draw;
    private final Bill bill = new Bill();
    private final InstantSource clock = InstantSource.system();

    /** Encoding is safe for many threads. */
    private final Encoding encoding =
            Encodings.newDefaultEncodingRegistry().getEncoding(EncodingType.O200K_BASE);

    ChatCompletions(SimulatorSettings settings) {
        this.settings = settings;
        this.draw = new Draw(settings.seed());
    }

    Map<String, Bill.Account> accounts() {
        return bill.accounts();
    }

    ChatAnswer answer(String authorization, String body) {
        Matcher bearer = BEARER.matcher(authorization);
        if (!bearer.matches()) {
            return ChatAnswer.error(401, "invalid_api_key", "no API key was sent");
        }
        String key = bearer.group(1);
        Optional<ChatRequest> parsed = parsed(body);
        if (parsed.isEmpty()) {
            bill.refused(key);
            return ChatAnswer.error(400, "invalid_json", "the body is no JSON object");
        }
        ChatRequest request = parsed.get();
        if (!bill.knows(request.model())) {
            bill.refused(key);
            return ChatAnswer.error(
                    404, "model_not_found", "the model '" + request.model() + "' does not exist");
        }
        Draw.Lot lot = draw.next(request.said());
        return completed(key, request, lot).after(latency(lot));
    }

    private ChatAnswer completed(String key, ChatRequest request, Draw.Lot lot) {
        Optional<Fault> fault = settings.faults().at(lot.fault());
        if (fault.isPresent() && fault.get() == Fault.THROTTLED) {
            bill.refused(key);
            return ChatAnswer.error(429, "rate_limit_exceeded", "too many requests")
                    .with("retry-after", "1");
        }
        if (fault.isPresent() && fault.get() == Fault.ERROR) {
            bill.refused(key);
            return ChatAnswer.error(500, "server_error", "the server had an error");
        }
        ObjectNode message = JsonMapper.shared().createObjectNode().put("role", "assistant");
        String finish = "stop";
        String text = written(request);
        if (fault.isPresent()) {
            switch (fault.get()) {
                case MALFORMED -> text = text.substring(0, text.length() * 2 / 3);
                case FENCED -> text = "Here is the analysis:\n```json\n" + text + "\n```\n";
                case OUT_OF_RANGE -> text = outOfRange(text);
                case LENGTH -> {
                    text = text.substring(0, text.length() / 2);
                    finish = "length";
                }
                case REFUSAL -> text = "I'm sorry, but I can't help with that.";
                case THROTTLED, ERROR -> throw new IllegalStateException("answered above");
            }
        }
        int outputTokens = Math.min(encoding.countTokensOrdinary(text), request.maxOutputTokens());
        int inputTokens = inputTokens(request);
        bill.charge(key, request.model(), inputTokens, outputTokens);
        if (fault.isPresent() && fault.get() == Fault.REFUSAL) {
            message.putNull("content").put("refusal", text);
        } else {
            message.put("content", text).putNull("refusal");
        }
        return new ChatAnswer(
                200, completion(request, lot, message, finish, inputTokens, outputTokens));
    }

    private ObjectNode completion(
            ChatRequest request,
            Draw.Lot lot,
            ObjectNode message,
            String finish,
            int inputTokens,
            int outputTokens) {
        ObjectNode completion = JsonMapper.shared().createObjectNode();
        completion.put("id", "chatcmpl-sim" + lot.id());
        completion.put("object", "chat.completion");
        completion.put("created", clock.instant().getEpochSecond());
        completion.put("model", request.model());
        ObjectNode choice = completion.putArray("choices").addObject();
        choice.put("index", 0);
        choice.set("message", message);
        choice.putNull("logprobs");
        choice.put("finish_reason", finish);
        ObjectNode usage = completion.putObject("usage");
        usage.put("prompt_tokens", inputTokens);
        usage.put("completion_tokens", outputTokens);
        usage.put("total_tokens", inputTokens + outputTokens);
        usage.putObject("prompt_tokens_details").put("cached_tokens", 0);
        usage.putObject("completion_tokens_details").put("reasoning_tokens", 0);
        return completion;
    }

    private static String written(ChatRequest request) {
        if (request.schemaName().equals("seo")) {
            return SeoReviewer.review(request.content()).toString();
        }
        if (request.schema().isObject()) {
            return SchemaInstance.of(request.schema(), request.instructions()).toString();
        }
        return "This is a simulated answer.";
    }

    /** Puts the first number far outside whatever its bounds are, or a text where an object was. */
    private static String outOfRange(String text) {
        JsonNode answer = JsonMapper.shared().readTree(text);
        if (answer instanceof ObjectNode object) {
            for (String field : object.propertyNames()) {
                if (object.path(field).isNumber()) {
                    object.put(field, 1_000_000_007);
                    return object.toString();
                }
            }
        }
        return "{\"unexpected\":true}";
    }

    private int inputTokens(ChatRequest request) {
        int tokens = TOKENS_PER_MESSAGE;
        for (ChatRequest.Message message : request.messages()) {
            tokens += TOKENS_PER_MESSAGE + encoding.countTokensOrdinary(message.text());
        }
        if (request.schema().isObject()) {
            tokens += encoding.countTokensOrdinary(request.schema().toString());
        }
        return tokens;
    }

    private Duration latency(Draw.Lot lot) {
        long shortest = settings.minLatency().toMillis();
        long longest = settings.maxLatency().toMillis();
        return Duration.ofMillis(shortest + Math.round((longest - shortest) * lot.latency()));
    }

    private static Optional<ChatRequest> parsed(String body) {
        try {
            return JsonMapper.shared().readTree(body) instanceof ObjectNode object
                    ? Optional.of(ChatRequest.of(object))
                    : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
