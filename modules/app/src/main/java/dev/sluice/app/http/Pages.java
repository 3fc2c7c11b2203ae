package dev.sluice.app.http;

import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.console.Console;
import dev.sluice.app.console.Console.IdsHidden;
import dev.sluice.app.console.ConsolePage;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.kafka.Dependencies;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers the requests of the {@link HttpEndpoints}. */
final class Pages extends Handler.Abstract {
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String JSON_TYPE = "application/json";
    private static final String TEXT_TYPE = "text/plain; charset=utf-8";
    private static final String SPEND = "/api/spend/";
    private static final String CONSOLE = "/api/console";
    private static final String ROOT = "/";
    private static final String METRICS = "/metrics";
    private static final String LIVE = "/health/live";
    private static final String READY = "/health/ready";
    private static final Set<String> PATHS = Set.of(ROOT, METRICS, LIVE, READY, CONSOLE);

    /** For HEAD, Jetty omits the body. */
    private static final Set<String> METHODS = Set.of("GET", "HEAD");

    private final PrometheusMeterRegistry meters;
    private final Health health;
    private final Function<String, Optional<String>> spends;
    private final Console console;
    private final LetterRoutes letters;
    private final DataGuard guard;

    Pages(
            PrometheusMeterRegistry meters,
            Health health,
            Function<String, Optional<String>> spends,
            Console console,
            LetterRoutes letters,
            HttpSettings http) {
        this.meters = meters;
        this.health = health;
        this.spends = spends;
        this.console = console;
        this.letters = letters;
        this.guard = new DataGuard(http);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        boolean isSpend = path.startsWith(SPEND) && path.length() > SPEND.length();
        Optional<ConsolePage> page = ConsolePage.at(path);
        if (LetterRoutes.has(path)) {
            answer(path, request, response, callback);
        } else if (!isSpend && page.isEmpty() && !PATHS.contains(path)) {
            write(
                    response,
                    callback,
                    404,
                    TEXT_TYPE,
                    "try /console, /metrics, /health/live, /health/ready or"
                            + " /api/spend/USER\n");
        } else if (!METHODS.contains(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            write(response, callback, 405, TEXT_TYPE, "only GET and HEAD\n");
        } else if (isSpend && !guard.mayRead(request)) {
            denyData(response, callback);
        } else if (path.equals(CONSOLE)) {
            follow(request, response, callback);
        } else if (path.equals(ROOT)) {
            response.getHeaders().put(HttpHeader.LOCATION, ConsolePage.PATH);
            write(response, callback, 302, TEXT_TYPE, "see " + ConsolePage.PATH + "\n");
        } else if (page.isPresent()) {
            write(response, callback, page.get());
        } else if (isSpend) {
            writeSpend(response, callback, decoded(path.substring(SPEND.length())));
        } else if (path.equals(METRICS)) {
            write(response, callback, 200, METRICS_TYPE, meters.scrape());
        } else {
            boolean isLive = path.equals(LIVE);
            writeHealth(
                    response,
                    callback,
                    isLive ? health.notLive() : health.notReady(),
                    isLive ? Map.of() : health.notes());
        }
        return true;
    }

    private void answer(String path, Request request, Response response, Callback callback) {
        String method = LetterRoutes.method(path);
        Optional<String> denied =
                LetterRoutes.isChange(path) ? guard.changesDenied() : Optional.empty();
        if (!request.getMethod().equals(method)) {
            response.getHeaders().put(HttpHeader.ALLOW, method);
            write(response, callback, 405, TEXT_TYPE, "only " + method + "\n");
        } else if (!guard.mayRead(request)) {
            denyData(response, callback);
        } else if (isCrossSite(request)) {
            write(response, callback, 403, TEXT_TYPE, "asked by a page of another site\n");
        } else if (denied.isPresent()) {
            write(response, callback, 403, TEXT_TYPE, denied.get() + "\n");
        } else {
            // It reads topics, which takes its time.
            var _ = Thread.startVirtualThread(() -> work(path, request, response, callback));
        }
    }

    private void work(String path, Request request, Response response, Callback callback) {
        try {
            LetterRoutes.Answer answer = letters.answer(path, request, guard.changesDenied());
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            answer.retryAfter()
                    .ifPresent(wait ->
                            response.getHeaders()
                                    .put(HttpHeader.RETRY_AFTER, String.valueOf(wait.toSeconds())));
            write(
                    response,
                    callback,
                    answer.status(),
                    answer.isJson() ? JSON_TYPE : TEXT_TYPE,
                    answer.body());
        } catch (RuntimeException | Error e) {
            // Otherwise the browser would wait for ever.
            callback.failed(e);
        }
    }

    /** Whether a page of another site asks: a question costs work though it sees no answer. */
    private static boolean isCrossSite(Request request) {
        return "cross-site".equals(request.getHeaders().get("Sec-Fetch-Site"));
    }

    private void denyData(Response response, Callback callback) {
        boolean asks = guard.asksForToken();
        if (asks) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        }
        write(response, callback, asks ? 401 : 403, TEXT_TYPE, guard.denial() + "\n");
    }

    private void writeSpend(Response response, Callback callback, String user) {
        Optional<String> days = spends.apply(user);
        if (days.isPresent()) {
            write(response, callback, 200, JSON_TYPE, days.get());
        } else {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
            write(
                    response,
                    callback,
                    503,
                    TEXT_TYPE,
                    Optional.ofNullable(health.notReady().get(Dependencies.BROKERS))
                                    .orElse(
                                            "the spend topic is still being read; try again"
                                                    + " in a second")
                            + "\n");
        }
    }

    /** Everyone sees what health and metrics show everyone, and ids who may read users' data. */
    private void follow(Request request, Response response, Callback callback) {
        boolean asks = guard.asksForToken();
        boolean mayRead = guard.mayRead(request);
        if (asks && !mayRead && request.getHeaders().contains(HttpHeader.AUTHORIZATION)) {
            denyData(response, callback);
        } else if (request.getMethod().equals("HEAD")) {
            write(response, callback, 200, "text/event-stream", "");
        } else if (!console.follow(response, callback, hidden(mayRead, asks))) {
            write(
                    response,
                    callback,
                    503,
                    TEXT_TYPE,
                    Console.MOST_VIEWERS
                            + " consoles of this process are open, which is the most; close"
                            + " one\n");
        }
    }

    private Optional<IdsHidden> hidden(boolean mayRead, boolean asks) {
        return mayRead ? Optional.empty() : Optional.of(new IdsHidden(guard.denial(), asks));
    }

    private static void write(Response response, Callback callback, ConsolePage page) {
        response.getHeaders().put("Content-Security-Policy", ConsolePage.POLICY);
        response.getHeaders().put("Referrer-Policy", "no-referrer");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
        write(response, callback, 200, page.type(), ByteBuffer.wrap(page.bytes()));
    }

    private static String decoded(String user) {
        return URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static void writeHealth(
            Response response,
            Callback callback,
            Map<String, String> problems,
            Map<String, String> notes) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.put("status", problems.isEmpty() ? "UP" : "DOWN");
        ObjectNode listed = body.putObject("problems");
        problems.forEach(listed::put);
        if (!notes.isEmpty()) {
            notes.forEach(body.putObject("notes")::put);
        }
        int status = problems.isEmpty() ? 200 : 503;
        write(response, callback, status, JSON_TYPE, body.toString());
    }

    private static void write(
            Response response, Callback callback, int status, String type, String body) {
        write(
                response,
                callback,
                status,
                type,
                ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static void write(
            Response response, Callback callback, int status, String type, ByteBuffer body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.write(true, body, callback);
    }
}
