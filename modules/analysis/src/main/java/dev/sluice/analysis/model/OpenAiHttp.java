package dev.sluice.analysis.model;

import com.openai.core.RequestOptions;
import com.openai.core.http.Headers;
import com.openai.core.http.HttpClient;
import com.openai.core.http.HttpRequest;
import com.openai.core.http.HttpRequestBody;
import com.openai.core.http.HttpResponse;
import com.openai.errors.OpenAIIoException;
import dev.sluice.analysis.transport.HttpCall;
import dev.sluice.analysis.transport.HttpReply;
import dev.sluice.analysis.transport.Transport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** Our transport beneath the SDK of OpenAI, whose types it keeps. */
record OpenAiHttp(Transport transport, Duration timeout) implements HttpClient {
    private static final String JSON = "application/json";

    @Override
    public HttpResponse execute(HttpRequest request, RequestOptions options) {
        try {
            return new Whole(transport.send(call(request)));
        } catch (IOException e) {
            throw new OpenAIIoException("the call failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OpenAIIoException("the call was cancelled", e);
        }
    }

    @Override
    public CompletableFuture<HttpResponse> executeAsync(
            HttpRequest request, RequestOptions options) {
        throw new UnsupportedOperationException("every call has a virtual thread of its own");
    }

    @Override
    public void close() {
        // The transport serves other models too.
    }

    private HttpCall call(HttpRequest request) throws IOException {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String name : request.headers().names()) {
            headers.put(name, new ArrayList<>(request.headers().values(name)));
        }
        HttpRequestBody body = request.body();
        if (body == null) {
            throw new IOException("a call without a body");
        }
        ByteArrayOutputStream bytes =
                new ByteArrayOutputStream((int) Math.max(0, body.contentLength()));
        body.writeTo(bytes);
        return new HttpCall(
                request.method().name(),
                URI.create(request.url()),
                headers,
                Objects.requireNonNullElse(body.contentType(), JSON),
                bytes.toByteArray(),
                timeout);
    }

    private record Whole(HttpReply reply) implements HttpResponse {
        @Override
        public int statusCode() {
            return reply.status();
        }

        @Override
        public Headers headers() {
            return Headers.builder().putAll(reply.headers()).build();
        }

        @Override
        public InputStream body() {
            return new ByteArrayInputStream(reply.body());
        }

        @Override
        public void close() {
            // It is all there.
        }
    }
}
