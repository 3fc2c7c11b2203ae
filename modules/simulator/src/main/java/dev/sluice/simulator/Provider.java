package dev.sluice.simulator;

import dev.sluice.simulator.Dialect.Ending;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers requests like a provider: reads the prompt and answers it, or returns a fault. */
final class Provider {
    /** Tokens that OpenAI adds per message and per conversation. */
    private static final int TOKENS_PER_MESSAGE = 3;

    private static final Pattern BEARER = Pattern.compile("Bearer (\\S+)");

    /** The key that every server rejects. */
    private static final String INVALID_KEY = "invalid";

    /** Answers with this status are sent without latency, as providers do. */
    private static final int TURNED_AWAY = 429;

    /** The account of calls without a key. */
    private static final String NO_KEY = "no-key";

    private final SimulatorSettings settings;
    private final ToIntFunction<String> tokens;
    private final FaultSampler sampler;
    private final Bill bill;
    private final ConcurrentMap<String, Quota> quotas = new ConcurrentHashMap<>();
    private final AtomicLong turnedAway = new AtomicLong();
    private final InstantSource clock = InstantSource.system();
    private volatile Consumer<String> listener = said -> {};
    private volatile FaultRates faults;

    /** The faults of calls whose prompt has a text. */
    private final Map<String, FaultRates> faultsByText = new ConcurrentHashMap<>();

    /**
     * The caller, from the headers.
     *
     * @param authorization a bearer token, which is the key that pays
     * @param callId the caller's id of the call
     */
    record Caller(String authorization, String callId) {}

    private record Payer(String key, String callId) {}

    /**
     * @param tokens number of tokens of a text
     */
    Provider(SimulatorSettings settings, ToIntFunction<String> tokens) {
        this.settings = settings;
        this.tokens = tokens;
        this.faults = settings.faults();
        this.sampler = new FaultSampler(settings.seed());
        this.bill = new Bill(settings.prices());
    }

    void faults(FaultRates newFaults) {
        faults = newFaults;
    }

    void faultsWhere(String text, FaultRates rates) {
        faultsByText.put(text, rates);
    }

    private FaultRates faults(ChatRequest request) {
        return faultsByText.entrySet().stream()
                .filter(entry -> request.said().contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(faults);
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
        ServerDialect server = settings.dialect();
        Matcher bearer = BEARER.matcher(caller.authorization());
        if (!bearer.matches() && server.keyNeeded()) {
            return server.error(dialect, Trouble.BAD_KEY, "no API key was sent");
        }
        String key = bearer.matches() ? bearer.group(1) : NO_KEY;
        if (key.equals(INVALID_KEY)) {
            return server.error(dialect, Trouble.BAD_KEY, INVALID_KEY);
        }
        Optional<ObjectNode> parsed = parsed(body);
        if (parsed.isEmpty()) {
            bill.refused(key);
            return server.error(dialect, Trouble.BAD_REQUEST, "the body is not a JSON object");
        }
        Optional<String> objection = dialect.objection(parsed.get());
        if (objection.isPresent()) {
            bill.refused(key);
            return server.error(dialect, Trouble.BAD_REQUEST, objection.get());
        }
        ChatRequest request = dialect.read(parsed.get());
        if (!settings.prices().knows(request.model())) {
            bill.refused(key);
            return server.error(dialect, Trouble.UNKNOWN_MODEL, request.model());
        }
        FaultSampler.Sample sample = sampler.next(request.said());
        ChatAnswer reply = replied(dialect, new Payer(key, caller.callId()), request, sample);
        listener.accept(request.said());
        return reply.status() == TURNED_AWAY
                ? reply
                : reply.after(settings.latency().at(sample.latency()));
    }

    private ChatAnswer replied(
            Dialect dialect, Payer payer, ChatRequest request, FaultSampler.Sample sample) {
        ServerDialect server = settings.dialect();
        Deviation fault =
                faults(request)
                        .at(sample.fault())
                        .map(drawn -> drawn.deviation(dialect))
                        .orElse(Deviation.NONE);
        if (fault.instead().isPresent()) {
            bill.refused(payer.key());
            return fault.instead().get().answer(dialect, server, request);
        }
        int inputTokens = inputTokens(request);
        double charged = (double) inputTokens + request.maxOutputTokens();
        Optional<Quota> quota =
                settings.quota().map(policy -> quota(payer.key() + "/" + request.model(), policy));
        Optional<Duration> later = quota.flatMap(own -> own.take(charged));
        if (later.isPresent()) {
            bill.refused(payer.key());
            turnedAway.incrementAndGet();
            return server.throttled(dialect, later.get());
        }
        Map<String, String> limits =
                quota.map(own -> server.limits(dialect, own.standing(), clock.instant()))
                        .orElse(Map.of());
        Deviation deviation = server.habits(dialect).and(fault);
        Dialect.Reply reply = reply(request, deviation, sample, inputTokens);
        Tokens tokens = reply.tokens();
        bill.charge(payer.key(), payer.callId(), request.model(), tokens, reply.tier());
        Envelope envelope = new Envelope(dialect.write(request, reply), reply);
        deviation.written().accept(envelope);
        double unused = charged - tokens.input() - tokens.output();
        return deviation
                .sent()
                .apply(envelope, new ChatAnswer(200, envelope.json()).with(limits))
                .whenSent(() -> quota.ifPresent(own -> own.settle(unused)));
    }

    /** The model's reply with its token counts. */
    private Dialect.Reply reply(
            ChatRequest request, Deviation deviation, FaultSampler.Sample sample, int inputTokens) {
        Draft draft =
                deviation
                        .drafted()
                        .apply(
                                new Draft(
                                        written(request),
                                        Ending.STOP,
                                        0,
                                        Draft.CacheUse.NONE,
                                        Tier.asked(request.tier())));
        int textTokens = tokens.applyAsInt(draft.text());
        return new Dialect.Reply(
                sample.id(),
                draft.text(),
                draft.ending(),
                draft.tokens(inputTokens, textTokens, request.maxOutputTokens()),
                draft.tier());
    }

    private Quota quota(String keyAndModel, QuotaPolicy policy) {
        return quotas.computeIfAbsent(keyAndModel, _ -> new Quota(policy, clock));
    }

    /** Tokens taken from the limits of all keys so far, minus those returned. */
    double tokensUsed() {
        return quotas.values().stream().mapToDouble(Quota::used).sum();
    }

    /** Requests rejected because of the limit. */
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

    private int inputTokens(ChatRequest request) {
        int count = TOKENS_PER_MESSAGE;
        for (ChatRequest.Message message : request.messages()) {
            count += TOKENS_PER_MESSAGE + tokens.applyAsInt(message.text());
        }
        if (request.schema().isObject()) {
            count += tokens.applyAsInt(request.schema().toString());
        }
        return count;
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
