package dev.sluice.app.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.check.Check;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Warms up the process, so that the first jobs do not wait for classes, the tokenizer's table,
 * schemas and connections, and their model's time does not include that. Runs each analysis once
 * for each kind of provider, against a server in this process. Real providers are connected to, but
 * no request is sent to them.
 */
final class WarmUp {
    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

    /** Time limit of connecting, so that an unreachable provider does not delay the start. */
    private static final Duration CONNECT = Duration.ofSeconds(3);

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final String PAGE =
            "<title>Warm-up</title><meta name=description content='d'><h1>Title</h1>"
                    + "<p>Some <a href=/x>words</a> &amp; an <img src=x alt=image>.".repeat(200);

    /** An answer that is not valid for any analysis, so that the repair call is made too. */
    private static final String OPENAI =
            "{\"id\":\"w\",\"model\":\"w\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\","
                    + "\"message\":{\"role\":\"assistant\",\"content\":\"{}\"}}],"
                    + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}";

    private static final String ANTHROPIC =
            "{\"id\":\"w\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"w\","
                    + "\"content\":[{\"type\":\"text\",\"text\":\"{}\"}],\"stop_reason\":\"end_turn\","
                    + "\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}";

    private final Models models;
    private final ComputePool pool;
    private final URI stub;

    private WarmUp(Models models, ComputePool pool, URI stub) {
        this.models = models;
        this.pool = pool;
        this.stub = stub;
    }

    /** Warms up. Failures are only logged; if they persist, the first jobs report them. */
    static void run(Collection<AnalysisDefinition> analyses, Models models, ComputeLimits limits) {
        long start = System.nanoTime();
        try (ComputePool pool = ComputePool.start(limits, ComputeObserver.NONE)) {
            HttpServer server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", WarmUp::answer);
            server.start();
            try {
                URI stub = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
                WarmUp warmUp = new WarmUp(models, pool, stub);
                for (AnalysisDefinition analysis : analyses) {
                    warmUp.run(analysis);
                }
                models.connect(CONNECT);
            } finally {
                server.stop(0);
            }
        } catch (IOException | RuntimeException e) {
            log.atWarn().setCause(e).log("warm-up failed: the first calls take longer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        log.atDebug()
                .addKeyValue("millis", Duration.ofNanos(System.nanoTime() - start).toMillis())
                .log("warmed up");
    }

    private void run(AnalysisDefinition analysis) throws InterruptedException {
        Set<Provider> done = EnumSet.noneOf(Provider.class);
        for (Deployment deployment : models.deployments(analysis)) {
            if (done.add(deployment.endpoint().provider())) {
                run(analysis, deployment);
            }
        }
        PreparedInput input = new PreparedInput("", 0, 0, 0);
        for (Check check : analysis.output().checks()) {
            var _ = check.violation(JsonMapper.shared().createObjectNode(), input);
        }
    }

    private void run(AnalysisDefinition analysis, Deployment deployment)
            throws InterruptedException {
        Endpoint there = deployment.endpoint();
        Deployment here =
                new Deployment(
                        deployment.model(),
                        deployment.name(),
                        deployment.modelId(),
                        deployment.traits(),
                        new Endpoint(
                                there.provider(),
                                stub,
                                new Secret("none"),
                                there.sentAs(),
                                TIMEOUT),
                        // The stub has no rate limit, so no analysis waits for a real one.
                        ProviderLimits.unknown().with(Limit.REQUESTS, 1_000_000));
        Analyst analyst = new Analyst(analysis, models.alone(here), pool);
        var _ = analyst.analyse(task(here));
    }

    private static AnalysisTask task(Deployment deployment) {
        ModelPrice price =
                new ModelPrice(
                        deployment.priceId(),
                        BigDecimal.ONE,
                        BigDecimal.ONE,
                        BigDecimal.ONE,
                        BigDecimal.ONE,
                        Optional.empty(),
                        LocalDate.EPOCH);
        return new AnalysisTask(
                "warm-up",
                PAGE,
                Priority.INTERACTIVE,
                Instant.now().plus(TIMEOUT),
                new Cost(BigDecimal.valueOf(1_000)),
                List.of(price),
                CallJournal.NONE);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            boolean isAnthropic = exchange.getRequestURI().getPath().endsWith("/messages");
            byte[] body = (isAnthropic ? ANTHROPIC : OPENAI).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
