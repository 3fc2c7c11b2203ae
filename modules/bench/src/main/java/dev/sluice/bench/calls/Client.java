package dev.sluice.bench.calls;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.client.okhttp.OpenAIOkHttpClientAsync;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.provider.OpenAiModel;
import dev.sluice.analysis.transport.HttpCall;
import dev.sluice.analysis.transport.Transport;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLSocketFactory;
import tools.jackson.databind.json.JsonMapper;

/** The compared HTTP clients. Each makes one call at a time for each of its callers. */
enum Client {
    /** Sluice's adapter for OpenAI on its own transport. */
    SLUICE,
    /** Sluice's transport alone, without the SDK's types. */
    TRANSPORT,
    /** A plain socket: the lower bound of the cost. */
    RAW_SOCKET,
    /** openai-java with its own HTTP client. */
    OPENAI_SYNC,
    /** openai-java, asynchronous; the caller waits for the future. */
    OPENAI_ASYNC,
    /** LangChain4j's model for OpenAI. */
    LANGCHAIN4J;

    /** Size of the sent text in bytes. */
    static final int REQUEST_BYTES = 2_048;

    /**
     * More than the number of connections. With the default of five, nearly every call would open a
     * new connection.
     */
    private static final int IDLE_CONNECTIONS = 10_000;

    private static final Duration KEEP_ALIVE = Duration.ofMinutes(5);

    private static final String TEXT = "x".repeat(REQUEST_BYTES);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** Makes calls one after the other; each thread has its own. */
    interface Caller {
        void call() throws Exception;
    }

    /** Creates the callers. */
    interface Callers {
        Caller caller() throws Exception;
    }

    /** Connects to the server at the address. */
    Callers connect(URI server) {
        String base = server + "/v1";
        return switch (this) {
            case SLUICE -> {
                OpenAiModel model =
                        new OpenAiModel(
                                deployment(base), Transport.start(), InstantSource.system());
                ModelRequest request =
                        new ModelRequest(
                                List.of(new Message(Message.Role.USER, TEXT)),
                                new AnswerSpec(
                                        "bench",
                                        JsonMapper.shared().createObjectNode(),
                                        1_000,
                                        Optional.empty()));
                yield () -> () -> requireAnswer(model.ask(request, UUID.randomUUID()).reply());
            }
            case TRANSPORT -> {
                Transport transport = Transport.start();
                HttpCall call =
                        new HttpCall(
                                URI.create(base + "/chat/completions"),
                                Map.of("Authorization", "Bearer key"),
                                json().getBytes(StandardCharsets.UTF_8),
                                TIMEOUT);
                yield () -> () -> requireOk(transport.send(call).status());
            }
            case RAW_SOCKET -> () -> new Raw(server);
            case OPENAI_SYNC -> {
                OpenAIClient client =
                        OpenAIOkHttpClient.builder()
                                .baseUrl(base)
                                .apiKey("key")
                                .maxRetries(0)
                                .timeout(TIMEOUT)
                                .maxIdleConnections(IDLE_CONNECTIONS)
                                .keepAliveDuration(KEEP_ALIVE)
                                .build();
                yield () ->
                        () -> requireChoice(client.chat().completions().create(sdk()).choices());
            }
            case OPENAI_ASYNC -> {
                var client =
                        OpenAIOkHttpClientAsync.builder()
                                .baseUrl(base)
                                .apiKey("key")
                                .maxRetries(0)
                                .timeout(TIMEOUT)
                                .maxIdleConnections(IDLE_CONNECTIONS)
                                .keepAliveDuration(KEEP_ALIVE)
                                .build();
                yield () ->
                        () ->
                                requireChoice(
                                        client.chat().completions().create(sdk()).get().choices());
            }
            case LANGCHAIN4J -> {
                OpenAiChatModel model =
                        OpenAiChatModel.builder()
                                .httpClientBuilder(
                                        new JdkHttpClientBuilder()
                                                .httpClientBuilder(
                                                        HttpClient.newBuilder()
                                                                .version(
                                                                        HttpClient.Version.HTTP_1_1)
                                                                .executor(
                                                                        Executors
                                                                                .newVirtualThreadPerTaskExecutor())))
                                .baseUrl(base)
                                .apiKey("key")
                                .modelName("gpt-4.1-mini")
                                .maxRetries(0)
                                .timeout(TIMEOUT)
                                .build();
                yield () -> () -> requireChoice(List.of(model.chat(TEXT)));
            }
        };
    }

    private static Deployment deployment(String base) {
        return new Deployment(
                "gpt-4.1-mini",
                "stub",
                "gpt-4.1-mini",
                ModelTraits.of("gpt-4.1-mini"),
                new Endpoint(
                        Provider.OPENAI,
                        URI.create(base),
                        new Secret("key"),
                        "gpt-4.1-mini",
                        TIMEOUT),
                ProviderLimits.unknown());
    }

    private static ChatCompletionCreateParams sdk() {
        return ChatCompletionCreateParams.builder()
                .model("gpt-4.1-mini")
                .maxCompletionTokens(1_000)
                .addUserMessage(TEXT)
                .build();
    }

    private static String json() {
        return "{\"model\":\"gpt-4.1-mini\",\"max_completion_tokens\":1000,\"messages\":["
                + "{\"role\":\"user\",\"content\":\""
                + TEXT
                + "\"}]}";
    }

    private static void requireAnswer(ModelReply reply) {
        if (!(reply instanceof ModelReply.Answered)) {
            throw new IllegalStateException(reply.toString());
        }
    }

    private static void requireOk(int status) {
        if (status != 200) {
            throw new IllegalStateException("HTTP " + status);
        }
    }

    private static void requireChoice(List<?> choices) {
        if (choices.isEmpty()) {
            throw new IllegalStateException("no choice");
        }
    }

    /** A caller on one connection, for as long as the server keeps it open. */
    private static final class Raw implements Caller {
        private static final String LENGTH = "Content-Length: ";

        private final URI server;
        private final byte[] request;
        private Socket socket;
        private DataInputStream in;

        Raw(URI server) throws IOException {
            this.server = server;
            this.socket = connect(server);
            this.in = new DataInputStream(socket.getInputStream());
            String body = json();
            this.request =
                    ("POST "
                                    + server.getPath()
                                    + "/v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type:"
                                    + " application/json\r\nAuthorization: Bearer key\r\nContent-Length: "
                                    + body.length()
                                    + "\r\n\r\n"
                                    + body)
                            .getBytes(StandardCharsets.US_ASCII);
        }

        @SuppressWarnings("AddressSelection") // loopback
        private static Socket connect(URI server) throws IOException {
            Socket socket =
                    "https".equals(server.getScheme())
                            ? SSLSocketFactory.getDefault()
                                    .createSocket(server.getHost(), server.getPort())
                            : new Socket(server.getHost(), server.getPort());
            socket.setTcpNoDelay(true);
            return socket;
        }

        @Override
        public void call() throws IOException {
            socket.getOutputStream().write(request);
            byte[] answer = new byte[2_048];
            int length = in.read(answer);
            String head = new String(answer, 0, length, StandardCharsets.US_ASCII);
            int start = head.indexOf("\r\n\r\n") + 4;
            int said = head.indexOf(LENGTH) + LENGTH.length();
            int body = Integer.parseInt(head.substring(said, head.indexOf('\r', said)));
            if (body > length - start) {
                in.skipNBytes(body - (length - start));
            }
            requireOk(head.startsWith("HTTP/1.1 200") ? 200 : 500);
            if (head.contains("Connection: close")) {
                socket.close();
                socket = connect(server);
                in = new DataInputStream(socket.getInputStream());
            }
        }
    }
}
