package dev.sluice.contract.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Access tokens of an OAuth server, by the client credentials grant (RFC 6749, section 4.4). A
 * token is used until shortly before its expiry, and until its expiry if the server gives no new
 * one. Safe for use by many threads: one asks, others wait.
 */
final class AccessTokens {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Lifetime of a token whose answer names none. */
    private static final long UNSTATED_SECONDS = 300;

    private static final long MOST_SECONDS = Duration.ofDays(1).toSeconds();

    /** A younger token that the registry rejects is not the reason: a new one would not help. */
    private static final Duration YOUNG = Duration.ofSeconds(10);

    /** How long a failure is the answer to all who wait, before the server is asked again. */
    private static final Duration FAILURE_LIFE = Duration.ofSeconds(1);

    /** What can stand in a header (RFC 6750, section 2.1). */
    private static final Pattern TOKEN = Pattern.compile("[!-~]+");

    private final Credentials.OAuthClient client;
    private final Sender sender;
    private final Duration timeout;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Token current;
    private @Nullable Failure lastFailure;

    /** A token with its times, as {@link System#nanoTime}. */
    private record Token(String header, long givenAt, long replaceAt, long expiresAt) {}

    private record Failure(Exception reason, long at) {}

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
        Token known = current;
        if (known != null && nanos.getAsLong() - known.replaceAt() < 0) {
            return known.header();
        }
        lock();
        try {
            return lockedHeader();
        } finally {
            lock.unlock();
        }
    }

    /** The header to use after the registry rejected one; the same one if a new one cannot help. */
    String after(String rejected) throws IOException {
        lock();
        try {
            Token known = current;
            if (known != null
                    && known.header().equals(rejected)
                    && nanos.getAsLong() - known.givenAt() >= YOUNG.toNanos()) {
                current = null;
            }
            return lockedHeader();
        } finally {
            lock.unlock();
        }
    }

    private void lock() throws IOException {
        try {
            // The one that asks may take twice the timeout: for the head, and for the body.
            if (!lock.tryLock(3 * timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("no token in time from " + server());
            }
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private String lockedHeader() throws IOException {
        Token known = current;
        long now = nanos.getAsLong();
        if (known != null && now - known.replaceAt() < 0) {
            return known.header();
        }
        try {
            Token fetched = fetch(now);
            current = fetched;
            lastFailure = null;
            return fetched.header();
        } catch (IOException | AuthenticationException e) {
            if (known != null && nanos.getAsLong() - known.expiresAt() < 0) {
                return known.header();
            }
            throw e;
        }
    }

    private Token fetch(long now) throws IOException {
        Failure failure = lastFailure;
        if (failure != null && now - failure.at() < FAILURE_LIFE.toNanos()) {
            String message = String.valueOf(failure.reason().getMessage());
            if (failure.reason() instanceof AuthenticationException) {
                throw new AuthenticationException(message);
            }
            throw new IOException(message, failure.reason());
        }
        try {
            return token(sender.send(request()));
        } catch (IOException | AuthenticationException e) {
            lastFailure = new Failure(e, nanos.getAsLong());
            throw e;
        }
    }

    private Token token(Sender.Answer answer) throws IOException {
        JsonNode body = json(answer.body());
        if (answer.status() == 400 || answer.status() == 401) {
            throw new AuthenticationException(
                    "the registry's OAuth server %s gave no token (status %d: %s); check %s, %s and %s"
                            .formatted(
                                    server(),
                                    answer.status(),
                                    ErrorText.printable(body.path("error").asText("")),
                                    CredentialSettings.CLIENT_ID,
                                    CredentialSettings.CLIENT_SECRET,
                                    CredentialSettings.SCOPE));
        }
        String token = body.path("access_token").asText("");
        if (answer.status() != 200 || !TOKEN.matcher(token).matches()) {
            throw new IOException(
                    "no token from %s (%s): status %d"
                            .formatted(
                                    server(), CredentialSettings.TOKEN_ENDPOINT, answer.status()));
        }
        long stated = body.path("expires_in").asLong(UNSTATED_SECONDS);
        Duration life = Duration.ofSeconds(Math.max(0, Math.min(stated, MOST_SECONDS)));
        long now = nanos.getAsLong();
        return new Token("Bearer " + token, now, now + use(life).toNanos(), now + life.toNanos());
    }

    /** How long a token is used: the buffer before its expiry, but at least half of its life. */
    private Duration use(Duration life) {
        Duration shortened = life.minus(client.expiryBuffer());
        Duration half = life.dividedBy(2);
        return shortened.compareTo(half) > 0 ? shortened : half;
    }

    /** The server without what may be a secret in its address. */
    private String server() {
        URI endpoint = client.tokenEndpoint();
        return endpoint.getScheme() + "://" + endpoint.getRawAuthority() + endpoint.getRawPath();
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
