package dev.sluice.contract.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.AuthenticationException;
import org.jspecify.annotations.Nullable;

/**
 * Access tokens of an OAuth server, by the client credentials grant (RFC 6749, section 4.4). A
 * token is used until shortly before its expiry. Safe for use by many threads: one asks, others
 * wait.
 */
final class AccessTokens {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Lifetime of a token whose answer names none. */
    private static final Duration UNSTATED_LIFETIME = Duration.ofMinutes(5);

    private final Credentials.OAuthClient client;
    private final Sender sender;
    private final Duration timeout;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Token current;

    private record Token(String header, long replaceAt) {}

    /** Sends requests. */
    @FunctionalInterface
    interface Sender {
        /**
         * The answer to a request.
         *
         * @throws IOException if there is none, with the server and the reason in its message
         */
        Answer send(HttpRequest request) throws IOException;

        /** An answer with its whole body. */
        record Answer(int status, String body) {}
    }

    /**
     * @param timeout longest wait for the head of an answer
     * @param nanos a clock as {@link System#nanoTime}
     */
    AccessTokens(
            Credentials.OAuthClient client, Sender sender, Duration timeout, LongSupplier nanos) {
        this.client = client;
        this.sender = sender;
        this.timeout = timeout;
        this.nanos = nanos;
    }

    /**
     * The value of the Authorization header.
     *
     * @throws AuthenticationException if the server rejects this client
     * @throws IOException if it gives no usable answer
     */
    String header() throws IOException {
        lock.lock();
        try {
            Token token = current;
            if (token == null || nanos.getAsLong() - token.replaceAt() >= 0) {
                token = fetch();
                current = token;
            }
            return token.header();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a token that the registry rejected; a newer one stays. */
    void reject(String header) {
        lock.lock();
        try {
            if (current != null && current.header().equals(header)) {
                current = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private Token fetch() throws IOException {
        Sender.Answer answer = sender.send(request());
        JsonNode body = json(answer.body());
        if (answer.status() == 400 || answer.status() == 401) {
            throw new AuthenticationException(
                    "%s gave no token (status %d: %s); check %s, %s and %s"
                            .formatted(
                                    client.tokenEndpoint(),
                                    answer.status(),
                                    body.path("error").asText("no reason given"),
                                    CredentialSettings.CLIENT_ID,
                                    CredentialSettings.CLIENT_SECRET,
                                    CredentialSettings.SCOPE));
        }
        String token = body.path("access_token").asText("");
        if (answer.status() != 200 || token.isEmpty()) {
            throw new IOException(
                    "no token from %s (%s): status %d"
                            .formatted(
                                    client.tokenEndpoint(),
                                    CredentialSettings.TOKEN_ENDPOINT,
                                    answer.status()));
        }
        return new Token("Bearer " + token, nanos.getAsLong() + use(body).toNanos());
    }

    /** How long a token is used: the buffer before its expiry, but at least half of its life. */
    private Duration use(JsonNode body) {
        long seconds = body.path("expires_in").asLong(UNSTATED_LIFETIME.toSeconds());
        Duration life = Duration.ofSeconds(Math.max(0, seconds));
        Duration shortened = life.minus(client.expiryBuffer());
        Duration half = life.dividedBy(2);
        return shortened.compareTo(half) > 0 ? shortened : half;
    }

    private HttpRequest request() {
        String form =
                "grant_type=client_credentials"
                        + client.scope().map(scope -> "&scope=" + encoded(scope)).orElse("");
        String user = encoded(client.clientId()) + ":" + encoded(client.clientSecret().value());
        byte[] basic = user.getBytes(StandardCharsets.UTF_8);
        return HttpRequest.newBuilder(client.tokenEndpoint())
                .timeout(timeout)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json")
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(basic))
                .POST(BodyPublishers.ofString(form))
                .build();
    }

    private static JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return JSON.createObjectNode();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
