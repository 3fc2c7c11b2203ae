package dev.sluice.simulator;

import java.math.BigDecimal;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A simulated provider: an HTTP server on loopback that implements OpenAI's chat completions and
 * Anthropic's messages, in the dialect of any provider. Slow answers hold no thread, so thousands
 * of calls can be open at once. Its bill is at {@code GET /bill}, line by line at {@code GET
 * /bill/calls}, and the usage of the token limits at {@code GET /quota}.
 */
public final class Simulator implements AutoCloseable {
    private final Server server;
    private final ServerConnector connector;
    private final Provider provider;
    private final ServerDialect dialect;

    private Simulator(SimulatorSettings settings, ToIntFunction<String> tokens) {
        QueuedThreadPool threads = new QueuedThreadPool(32, 2);
        threads.setName("simulator");
        threads.setDaemon(true);
        this.server = new Server(threads);
        this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory());
        connector.setHost(settings.host());
        connector.setPort(settings.port());
        connector.setIdleTimeout(Duration.ofMinutes(10).toMillis());
        connector.setAcceptQueueSize(4_096);
        server.addConnector(connector);
        this.provider = new Provider(settings, tokens);
        this.dialect = settings.dialect();
        server.setHandler(new Endpoint());
    }

    /** Starts the simulator. It loads its table of tokens first, which takes up to a second. */
    public static Simulator start(SimulatorSettings settings) {
        return start(settings, TokenTable.counter());
    }

    /**
     * Starts the simulator.
     *
     * @param tokens number of tokens of a text, counted by a program that has loaded the table
     *     already
     */
    public static Simulator start(SimulatorSettings settings, ToIntFunction<String> tokens) {
        Simulator simulator = new Simulator(settings, tokens);
        try {
            simulator.server.start();
        } catch (Exception e) {
            throw new IllegalStateException(
                    "the simulator did not start on port " + settings.port(), e);
        }
        return simulator;
    }

    /** Base address for an OpenAI client. */
    public URI baseUrl() {
        return URI.create(anthropicBaseUrl() + dialect.path());
    }

    /** Base address for an Anthropic client. */
    public URI anthropicBaseUrl() {
        String host = connector.getHost().equals("0.0.0.0") ? "127.0.0.1" : connector.getHost();
        return URI.create("http://" + host + ":" + connector.getLocalPort());
    }

    /** The exact debt of all keys in USD. */
    public BigDecimal billedUsd() {
        return provider.accounts().values().stream()
                .map(Bill.Account::usd)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** Replaces the faults of the settings from now on. */
    public void faults(FaultRates faults) {
        provider.faults(faults);
    }

    /**
     * From now on, calls whose prompt has this text get these faults instead: one version of a
     * prompt is worse than another.
     */
    public void faultsWhere(String text, FaultRates faults) {
        provider.faultsWhere(text, faults);
    }

    /** Number of charged requests. */
    public long chargedRequests() {
        return provider.accounts().values().stream().mapToLong(Bill.Account::charged).sum();
    }

    /**
     * Calls the listener with every prompt that is charged or rejected, before the answer is sent.
     */
    public void listen(Consumer<String> listener) {
        provider.listen(listener);
    }

    /** The lines of the bill. */
    public List<ChargedCall> chargedCalls() {
        return provider.calls();
    }

    /** Number of requests, including those not charged. */
    public long requests() {
        return provider.accounts().values().stream().mapToLong(Bill.Account::requests).sum();
    }

    /** Tokens taken from the limits of all keys so far, minus those returned. */
    public double tokensUsed() {
        return provider.tokensUsed();
    }

    /** Requests rejected because of the token limit. */
    public long turnedAway() {
        return provider.turnedAway();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the simulator did not stop", e);
        }
    }

    private final class Endpoint extends Handler.Abstract {
        private final Dialect openAi = new OpenAiDialect();
        private final Dialect anthropic = new AnthropicDialect();

        @Override
        public boolean handle(Request request, Response response, Callback callback)
                throws Exception {
            String target = request.getMethod() + " " + request.getHttpURI().getPath();
            if (target.equals("POST " + dialect.path() + "/chat/completions")) {
                complete(openAi, request, response, callback);
                return true;
            }
            switch (target) {
                case "POST /v1/chat/completions" -> complete(openAi, request, response, callback);
                case "POST /v1/messages" -> complete(anthropic, request, response, callback);
                case "GET /bill/calls" -> write(response, callback, new ChatAnswer(200, lines()));
                case "GET /bill" -> write(response, callback, new ChatAnswer(200, bill()));
                case "GET /quota" -> write(response, callback, new ChatAnswer(200, quota()));
                default ->
                        write(
                                response,
                                callback,
                                openAi.error(404, "not_found", "no such resource: " + target));
            }
            return true;
        }

        private void complete(
                Dialect dialect, Request request, Response response, Callback callback)
                throws Exception {
            String body = Content.Source.asString(request, StandardCharsets.UTF_8);
            String callId = request.getHeaders().get("X-Client-Request-Id");
            ChatAnswer answer =
                    provider.answer(
                            dialect,
                            new Provider.Caller(
                                    authorization(request), callId == null ? "" : callId),
                            body);
            if (answer.delay().isZero()) {
                write(response, callback, answer);
                return;
            }
            var _ =
                    server.getScheduler()
                            .schedule(
                                    () -> write(response, callback, answer),
                                    answer.delay().toMillis(),
                                    TimeUnit.MILLISECONDS);
        }

        /** A bearer token, or the key from the provider's own header. */
        private static String authorization(Request request) {
            return Stream.of("x-api-key", "api-key", "x-goog-api-key")
                    .map(request.getHeaders()::get)
                    .filter(Objects::nonNull)
                    .map(key -> "Bearer " + key)
                    .findFirst()
                    .or(() ->
                            Optional.ofNullable(request.getHeaders().get(HttpHeader.AUTHORIZATION)))
                    .orElse("");
        }

        private void write(Response response, Callback callback, ChatAnswer answer) {
            answer.sent().run();
            response.setStatus(answer.status());
            if (!answer.contentType().isEmpty()) {
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
            }
            answer.headers().forEach((name, value) -> response.getHeaders().put(name, value));
            response.write(true, ByteBuffer.wrap(answer.body()), callback);
        }
    }

    private ArrayNode lines() {
        ArrayNode lines = JsonMapper.shared().createArrayNode();
        for (ChargedCall call : provider.calls()) {
            lines.addObject().put("callId", call.callId()).put("usd", call.usd().toPlainString());
        }
        return lines;
    }

    private ObjectNode quota() {
        return JsonMapper.shared()
                .createObjectNode()
                .put("tokensUsed", tokensUsed())
                .put("turnedAway", turnedAway())
                .put("requests", requests());
    }

    private ObjectNode bill() {
        ObjectNode bill = JsonMapper.shared().createObjectNode();
        for (Map.Entry<String, Bill.Account> entry : provider.accounts().entrySet()) {
            Bill.Account account = entry.getValue();
            bill.putObject(MaskedKey.of(entry.getKey()))
                    .put("requests", account.requests())
                    .put("charged", account.charged())
                    .put("inputTokens", account.inputTokens())
                    .put("outputTokens", account.outputTokens())
                    .put("usd", account.usd().toPlainString());
        }
        return bill;
    }
}
