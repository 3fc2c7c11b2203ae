package dev.sluice.simulator;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import dev.sluice.simulator.Dialect.Ending;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers requests as a provider would: reads the prompt, answers it, or fails as scripted. */
final class Provider {
    /** What OpenAI adds per message and per conversation. */
    private static final int TOKENS_PER_MESSAGE = 3;

    /** Safe for use by many threads; reading it takes a second. */
    private static final Encoding ENCODING =
            Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);

    private static final Pattern BEARER = Pattern.compile("Bearer (\\S+)");

    private final SimulatorSettings settings;
    private final Draw draw;
    private final Bill bill = new Bill();
    private final ConcurrentMap<String, Quota> quotas = new ConcurrentHashMap<>();
    private final AtomicLong turnedAway = new AtomicLong();
    private final InstantSource clock = InstantSource.system();
    private volatile Consumer<String> listener = said -> {};

    /**
     * Who asks, by headers.
     *
     * @param authorization a bearer token, which is the key that pays
     * @param callId the caller's own id of the call
     */
    record Caller(String authorization, String callId) {}

    private record Payer(String key, String callId) {}

    Provider(SimulatorSettings settings) {
        this.settings = settings;
        this.draw = new Draw(settings.seed());
    }

    void listen(Consumer<String> newListener) {
        listener = newListener;
    }

    List<ChargedCall> calls() {
        return bill.calls();
    }

    Map<String, Bill.Account> accounts() {
        return bill.accounts();
    }

    /** Answers one request. */
    ChatAnswer answer(Dialect dialect, Caller caller, String body) {
        Matcher bearer = BEARER.matcher(caller.authorization());
        if (!bearer.matches()) {
            return dialect.error(401, "invalid_api_key", "no API key was sent");
        }
        String key = bearer.group(1);
        Optional<ObjectNode> parsed = parsed(body);
        if (parsed.isEmpty()) {
            bill.refused(key);
            return dialect.error(400, "invalid_json", "the body is no JSON object");
        }
        Optional<String> objection = dialect.objection(parsed.get());
        if (objection.isPresent()) {
            bill.refused(key);
            return dialect.error(400, "invalid_request_error", objection.get());
        }
        ChatRequest request = dialect.read(parsed.get());
        if (!bill.knows(request.model())) {
            bill.refused(key);
            return dialect.error(
                    404, "model_not_found", "the model '" + request.model() + "' does not exist");
        }
        Draw.Lot lot = draw.next(request.said());
        ChatAnswer reply = replied(dialect, new Payer(key, caller.callId()), request, lot);
        listener.accept(request.said());
        return reply.after(latency(lot));
    }

    private ChatAnswer replied(Dialect dialect, Payer payer, ChatRequest request, Draw.Lot lot) {
        Optional<Fault> fault = settings.faults().at(lot.fault());
        if (fault.isPresent() && fault.get() == Fault.THROTTLED) {
            bill.refused(payer.key());
            return throttled(dialect, Duration.ofSeconds(1));
        }
        if (fault.isPresent() && fault.get() == Fault.ERROR) {
            bill.refused(payer.key());
            return dialect.error(500, "server_error", "the server had an error");
        }
        int inputTokens = inputTokens(request);
        double charged = (double) inputTokens + request.maxOutputTokens();
        Optional<Quota> quota =
                settings.quota().map(policy -> quota(payer.key() + "/" + request.model(), policy));
        Optional<Duration> later = quota.flatMap(own -> own.take(charged));
        if (later.isPresent()) {
            bill.refused(payer.key());
            turnedAway.incrementAndGet();
            return throttled(dialect, later.get());
        }
        Map<String, String> limits =
                quota.map(own -> dialect.limits(own.standing(), clock.instant())).orElse(Map.of());
        String text = written(request);
        Ending ending = Ending.STOP;
        if (fault.isPresent()) {
            switch (fault.get()) {
                case MALFORMED -> text = text.substring(0, text.length() * 2 / 3);
                case FENCED -> text = "Here is the analysis:\n```json\n" + text + "\n```\n";
                case OUT_OF_RANGE -> text = outOfRange(text);
                case LENGTH -> {
                    text = text.substring(0, text.length() / 2);
                    ending = Ending.LENGTH;
                }
                case REFUSAL -> {
                    text = "I'm sorry, but I can't help with that.";
                    ending = Ending.REFUSAL;
                }
                case THROTTLED, ERROR -> throw new IllegalStateException("answered above");
            }
        }
        int outputTokens = Math.min(ENCODING.countTokensOrdinary(text), request.maxOutputTokens());
        bill.charge(payer.key(), payer.callId(), request.model(), inputTokens, outputTokens);
        Dialect.Reply reply = new Dialect.Reply(lot.id(), text, ending, inputTokens, outputTokens);
        double unused = charged - inputTokens - outputTokens;
        return new ChatAnswer(200, dialect.write(request, reply))
                .with(limits)
                .whenSent(() -> quota.ifPresent(own -> own.settle(unused)));
    }

    private static ChatAnswer throttled(Dialect dialect, Duration later) {
        String seconds = BigDecimal.valueOf(later.toMillis() + 1, 3).toPlainString();
        return dialect.error(429, "rate_limit_exceeded", "too many requests")
                .with(Map.of("retry-after", seconds));
    }

    private Quota quota(String keyAndModel, QuotaPolicy policy) {
        return quotas.computeIfAbsent(keyAndModel, _ -> new Quota(policy, clock));
    }

    /** Tokens taken from the limits of all keys so far, less those given back. */
    double tokensUsed() {
        return quotas.values().stream().mapToDouble(Quota::used).sum();
    }

    /** Requests turned away because of the limit. */
    long turnedAway() {
        return turnedAway.get();
    }

    private static String written(ChatRequest request) {
        if (SeoReviewer.isAskedFor(request.instructions())) {
            return SeoReviewer.review(request.content()).toString();
        }
        if (request.schema().isObject()) {
            return SchemaInstance.of(request).toString();
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
            tokens += TOKENS_PER_MESSAGE + ENCODING.countTokensOrdinary(message.text());
        }
        if (request.schema().isObject()) {
            tokens += ENCODING.countTokensOrdinary(request.schema().toString());
        }
        return tokens;
    }

    private Duration latency(Draw.Lot lot) {
        long shortest = settings.minLatency().toMillis();
        long longest = settings.maxLatency().toMillis();
        return Duration.ofMillis(shortest + Math.round((longest - shortest) * lot.latency()));
    }

    private static Optional<ObjectNode> parsed(String body) {
        try {
            return JsonMapper.shared().readTree(body) instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
