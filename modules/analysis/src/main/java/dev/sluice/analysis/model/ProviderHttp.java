package dev.sluice.analysis.model;

import dev.sluice.analysis.transport.HttpCall;
import dev.sluice.analysis.transport.HttpReply;
import dev.sluice.analysis.transport.Transport;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A provider's address for questions. Requests are of its SDK's types and written by its SDK's
 * mapper. Answers are read as trees: the few fields that count must be what they should be, the
 * others may be anything. What else an SDK does on the way costs more than all the rest of a call.
 */
final class ProviderHttp {
    private final Transport transport;
    private final URI address;
    private final Map<String, String> headers;
    private final Duration timeout;
    private final RequestBodies bodies;
    private final InstantSource clock;

    /**
     * @param path below the endpoint's base URL
     * @param headers of every call
     */
    ProviderHttp(
            Transport transport,
            Endpoint endpoint,
            String path,
            Map<String, String> headers,
            RequestBodies bodies,
            InstantSource clock) {
        this.transport = transport;
        this.address = below(endpoint.baseUrl(), path);
        this.headers = Map.copyOf(headers);
        this.timeout = endpoint.timeout();
        this.bodies = bodies;
        this.clock = clock;
    }

    /** What an answer says; empty if it is not one of the provider's. */
    interface Reading {
        Optional<ModelReply> read(JsonNode answer, RateLimits limits);
    }

    /**
     * Makes one call. Whatever comes of it is a reply.
     *
     * @throws InterruptedException if the calling thread is interrupted while it waits
     */
    ModelReply call(ModelRequest request, UUID callId, Reading reading)
            throws InterruptedException {
        HttpReply reply;
        try {
            reply = transport.send(httpCall(request, callId));
        } catch (IOException e) {
            return FailedCall.reply(e);
        }
        ResponseHeaders said = new ResponseHeaders(reply.headers(), clock);
        if (reply.status() / 100 != 2) {
            return ProviderError.of(reply).reply(said.retryAfter());
        }
        if (reply.body().length == 0) {
            return FailedCall.unreadable(ProviderReply.EMPTY_BODY);
        }
        try {
            return reading.read(JsonMapper.shared().readTree(reply.body()), said.rateLimits())
                    .orElseGet(() -> FailedCall.unreadable(ProviderReply.UNKNOWN_JSON));
        } catch (JacksonException e) {
            return FailedCall.unreadable(ProviderReply.NOT_JSON);
        }
    }

    private HttpCall httpCall(ModelRequest request, UUID callId) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(Model.CALL_ID_HEADER, callId.toString());
        return new HttpCall(address, all, bodies.write(request), timeout);
    }

    private static URI below(URI base, String path) {
        String text = base.toString();
        return URI.create(
                (text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + path);
    }
}
