package dev.sluice.contract.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.contract.registry.AccessTokens.Sender.Answer;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP calls to a registry. Tries every address in turn, and retries connection failures and the
 * statuses 408, 429, 500, 502, 503 and 504 with full jitter. Safe for use by many threads.
 */
final class RegistryHttp implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpSchemaRegistry.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Set<Integer> RETRIABLE = Set.of(408, 429, 500, 502, 503, 504);

    /**
     * Largest accepted body. No schema is as large, so a larger body does not come from a registry.
     */
    private static final int MAX_BODY_BYTES = 16 << 20;

    private final RegistryConfig config;
    private final HttpClient http;
    private final Optional<AccessTokens> tokens;
    private final Map<Long, CompletableFuture<?>> underWay = new ConcurrentHashMap<>();
    private final AtomicLong calls = new AtomicLong();
    private volatile boolean closed;

    /**
     * @param nanos a clock as {@link System#nanoTime}
     */
    RegistryHttp(RegistryConfig config, LongSupplier nanos) {
        this.config = config;
        this.http = client(config);
        this.tokens =
                config.credentials() instanceof Credentials.OAuthClient client
                        ? Optional.of(
                                new AccessTokens(client, this::answer, config.readTimeout(), nanos))
                        : Optional.empty();
    }

    private static HttpClient client(RegistryConfig config) {
        HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(config.connectTimeout());
        config.tls().ifPresent(client::sslContext);
        config.proxy().ifPresent(proxy -> client.proxy(ProxySelector.of(proxy)));
        return client.build();
    }

    /** Cancels all calls in progress. */
    @Override
    public void close() {
        closed = true;
        underWay.values().forEach(answer -> answer.cancel(true));
    }

    /**
     * The JSON of an answer.
     *
     * @throws RegistryUnavailableException if the registry gave no usable answer within its retries
     * @throws SchemaNotFoundException if it answered 404
     * @throws SerializationException if it rejected the request
     */
    JsonNode call(String method, String path, @Nullable String body) {
        Answer answer = send(method, path, body);
        if (answer.status() / 100 == 2) {
            try {
                return JSON.readTree(answer.body());
            } catch (JsonProcessingException e) {
                throw new RegistryUnavailableException(
                        "the registry answered "
                                + method
                                + " "
                                + path
                                + " with a body that is not JSON",
                        e);
            }
        }
        String message =
                "the registry answered "
                        + method
                        + " "
                        + path
                        + " with "
                        + answer.status()
                        + ": "
                        + reason(answer.body());
        throw switch (answer.status()) {
            case 401 -> new AuthenticationException(message);
            case 403 -> new AuthorizationException(message);
            case 404 -> new SchemaNotFoundException(message, hasRegistryCode(answer.body()));
            default ->
                    isOutage(answer.status())
                            ? new RegistryUnavailableException(message, null)
                            : new SerializationException(message);
        };
    }

    /**
     * Whether a body has one of the registry's codes for "not found": 40401 for a subject, 40402
     * for a version, 40403 for a schema.
     */
    private static boolean hasRegistryCode(String body) {
        try {
            int code = JSON.readTree(body).path("error_code").asInt();
            return code > 40_400 && code < 40_500;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    /**
     * Whether a status comes from a proxy, a login page or a broken server; a registry rejects with
     * 4xx.
     */
    private static boolean isOutage(int status) {
        return status / 100 == 3
                || status / 100 == 5
                || status == 407
                || status == 421
                || RETRIABLE.contains(status);
    }

    /** Sends a request; returns the first answer that needs no retry, or the last answer. */
    private Answer send(String method, String path, @Nullable String body) {
        for (int attempt = 0; ; attempt++) {
            @Nullable Answer answer = null;
            @Nullable IOException failure = null;
            for (URI url : config.urls()) {
                try {
                    answer = exchange(method, url, path, body);
                    failure = null;
                } catch (IOException e) {
                    failure = e;
                    continue;
                }
                if (!RETRIABLE.contains(answer.status())) {
                    return answer;
                }
            }
            if (attempt >= config.maxRetries()) {
                if (answer != null) {
                    return answer;
                }
                throw new RegistryUnavailableException(
                        "cannot reach the schema registry for "
                                + method
                                + " "
                                + path
                                + (failure == null ? "" : ": " + failure.getMessage()),
                        failure);
            }
            log.atDebug().addKeyValue("attempt", attempt + 1).log("registry call is retried");
            pause(attempt);
        }
    }

    private Answer exchange(String method, URI url, String path, @Nullable String body)
            throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(withoutUserInfo(url, path))
                        .timeout(config.readTimeout())
                        .header("Content-Type", CONTENT_TYPE)
                        .header("Accept", CONTENT_TYPE + ", application/json")
                        .header("Confluent-Accept-Unknown-Properties", "true")
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        config.headers().forEach(request::header);
        Optional<String> authorization = authorization();
        authorization.ifPresent(value -> request.header("Authorization", value));
        Answer answer = answer(request.build());
        if (answer.status() == 401 && tokens.isPresent() && authorization.isPresent()) {
            String other = tokens.get().after(authorization.get());
            if (!other.equals(authorization.get())) {
                return answer(request.setHeader("Authorization", other).build());
            }
        }
        return answer;
    }

    private Optional<String> authorization() throws IOException {
        if (config.credentials() instanceof Credentials.Fixed fixed) {
            return Optional.of(fixed.authorization().value());
        }
        return tokens.isPresent() ? Optional.of(tokens.get().header()) : Optional.empty();
    }

    private Answer answer(HttpRequest request) throws IOException {
        if (closed) {
            throw new IOException("the registry client is closed");
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        CompletableFuture<?> exchange = http.sendAsync(request, head -> body(head, answer));
        // The client reports the end of the exchange on the JVM's common pool, which others may
        // block. So answers do not wait for that; only failures do.
        var unused =
                exchange.whenComplete((response, failure) -> {
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                    }
                });
        long call = calls.incrementAndGet();
        underWay.put(call, exchange);
        try {
            // The request's own timeout covers only the headers; this one covers the body as well.
            return answer.get(
                    config.connectTimeout().plus(config.readTimeout()).toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            Throwable reason = Objects.requireNonNullElse(e.getCause(), e);
            throw new IOException(noAnswer(request) + ": " + ErrorText.of(reason), reason);
        } catch (TimeoutException | CancellationException e) {
            throw new IOException(noAnswer(request) + " in time", e);
        } finally {
            underWay.remove(call);
            if (!answer.isDone() || answer.isCompletedExceptionally()) {
                // Closes the connection and frees what was read.
                boolean unusedEither = exchange.cancel(true);
            }
        }
    }

    /** Reads the body, and completes the answer on the client's own thread. */
    private static CappedBody body(
            HttpResponse.ResponseInfo head, CompletableFuture<Answer> answer) {
        CappedBody body = new CappedBody(MAX_BODY_BYTES);
        var unused =
                body.getBody()
                        .whenComplete((text, failure) -> {
                            if (failure == null) {
                                answer.complete(new Answer(head.statusCode(), text));
                            } else {
                                answer.completeExceptionally(failure);
                            }
                        });
        return body;
    }

    private static String noAnswer(HttpRequest request) {
        return "no answer from " + request.uri().getAuthority();
    }

    private static URI withoutUserInfo(URI url, String path) {
        String authority = url.getRawAuthority();
        int at = authority.lastIndexOf('@');
        String host = at < 0 ? authority : authority.substring(at + 1);
        return URI.create(url.getScheme() + "://" + host + url.getRawPath() + path);
    }

    private void pause(int attempt) {
        Duration bound = config.retryWait().multipliedBy(1L << Math.min(attempt, 20));
        if (bound.compareTo(config.maxRetryWait()) > 0) {
            bound = config.maxRetryWait();
        }
        try {
            Thread.sleep(
                    Duration.ofMillis(ThreadLocalRandom.current().nextLong(bound.toMillis() + 1))
                            .toMillis());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /**
     * The registry's message; empty for an empty body, a placeholder if the body is not JSON, such
     * as a web page.
     */
    private static String reason(String body) {
        try {
            return ErrorText.printable(JSON.readTree(body).path("message").asText(""));
        } catch (JsonProcessingException e) {
            return "(the body is not JSON)";
        }
    }
}
