package dev.sluice.analysis.provider;

import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.ReplyFacts;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.transport.HttpCall;
import dev.sluice.analysis.transport.HttpReply;
import dev.sluice.analysis.transport.HttpSender;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * HTTP client of one provider's endpoint. Requests are of the SDK's types and are written by the
 * SDK's mapper. Answers are read as JSON trees: the few fields that matter must have the expected
 * types, all others may be anything. The rest of the SDK is not used, because it would cost more
 * CPU than all other parts of a call.
 */
final class ProviderHttp {
    private static final String TRACE_PARENT = "traceparent";

    private final HttpSender sender;
    private final URI address;
    private final Map<String, String> headers;
    private final Duration timeout;
    private final RequestBodies bodies;
    private final InstantSource clock;

    /**
     * @param path below the endpoint's base URL
     * @param extraHeaders of every call, beside those that authenticate it
     */
    ProviderHttp(
            HttpSender sender,
            Endpoint endpoint,
            String path,
            Map<String, String> extraHeaders,
            RequestBodies bodies,
            InstantSource clock) {
        this.sender = sender;
        this.address = below(endpoint.baseUrl(), path);
        this.headers = new LinkedHashMap<>(extraHeaders);
        this.headers.putAll(endpoint.provider().authentication(endpoint.apiKey()));
        this.timeout = endpoint.timeout();
        this.bodies = bodies;
        this.clock = clock;
    }

    /** Reader of a provider's answers. */
    interface Reading {
        /** The reply in an answer; empty if it does not have the provider's form. */
        Optional<ModelReply> reply(JsonNode answer, ModelRequest request, RateLimits limits);

        /** The counted usage, even if the rest of the answer cannot be read. */
        Optional<TokenUsage> usage(JsonNode answer, ModelRequest request);

        /** Further facts in the answer. */
        ReplyFacts facts(JsonNode answer, String requestId);
    }

    /**
     * Makes one call. Every outcome is returned as a reply.
     *
     * @throws InterruptedException if the calling thread is interrupted while it waits
     */
    CallResult call(ModelRequest request, UUID callId, Reading reading)
            throws InterruptedException {
        HttpReply reply;
        try {
            reply = sender.send(httpCall(request, callId));
        } catch (IOException e) {
            return CallResult.of(FailedCall.reply(e));
        }
        ResponseHeaders response = new ResponseHeaders(reply.headers(), clock);
        ReplyFacts facts = new ReplyFacts(response.requestId(), "", "", "");
        if (reply.status() / 100 != 2) {
            return new CallResult(ProviderError.of(reply).reply(response.retryAfter()), facts);
        }
        if (reply.body().length == 0) {
            return new CallResult(unreadable(ProviderReply.EMPTY_BODY), facts);
        }
        boolean isStream = EventStream.is(reply.body());
        Optional<JsonNode> answer = isStream ? EventStream.whole(reply.body()) : json(reply.body());
        if (answer.isEmpty()) {
            ProviderReply row = isStream ? ProviderReply.EVENT_STREAM : ProviderReply.NOT_JSON;
            return new CallResult(unreadable(row), facts);
        }
        return new CallResult(
                read(answer.get(), request, response, reading),
                reading.facts(answer.get(), response.requestId()));
    }

    private static ModelReply read(
            JsonNode answer, ModelRequest request, ResponseHeaders response, Reading reading) {
        Optional<TokenUsage> usage = reading.usage(answer, request);
        Optional<ProviderError> error = ProviderError.in(answer);
        if (error.isPresent()) {
            return broken(error.get(), answer, usage, response);
        }
        return reading.reply(answer, request, response.rateLimits())
                .map(reply ->
                        reply instanceof ModelReply.Answered answered
                                        && answered.finish() == FinishReason.ERROR
                                ? FailedCall.unreadable(ProviderReply.FINISHED_IN_ERROR, usage)
                                : reply)
                .orElseGet(() -> FailedCall.unreadable(ProviderReply.UNKNOWN_JSON, usage));
    }

    /** The reply of an answer with an error in it; output before the error may be charged. */
    private static ModelReply broken(
            ProviderError error,
            JsonNode answer,
            Optional<TokenUsage> usage,
            ResponseHeaders response) {
        ModelReply reply = error.reply(response.retryAfter());
        JsonNode content = answer.path("choices").path(0).path("message").path("content");
        boolean wrote = content.isArray() || !content.asString("").isEmpty();
        return usage.isPresent() || wrote
                ? new ModelReply.Unavailable(
                        OptionalInt.of(error.status()),
                        "an error within the answer: HTTP " + error.status(),
                        usage,
                        response.retryAfter())
                : reply;
    }

    private static ModelReply unreadable(ProviderReply row) {
        return FailedCall.unreadable(row, Optional.empty());
    }

    private static Optional<JsonNode> json(byte[] body) {
        try {
            return Optional.of(Envelope.read(body));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private HttpCall httpCall(ModelRequest request, UUID callId) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(Model.CALL_ID_HEADER, callId.toString());
        // Names the current span, if there is one.
        W3CTraceContextPropagator.getInstance().inject(Context.current(), all, ProviderHttp::put);
        return new HttpCall(address, all, bodies.write(request), timeout);
    }

    private static void put(@Nullable Map<String, String> headers, String name, String value) {
        // Not tracestate, which may name the requester's systems.
        if (headers != null && name.equals(TRACE_PARENT)) {
            headers.put(name, value);
        }
    }

    private static URI below(URI base, String path) {
        String text = base.toString();
        return URI.create(
                (text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + path);
    }
}
