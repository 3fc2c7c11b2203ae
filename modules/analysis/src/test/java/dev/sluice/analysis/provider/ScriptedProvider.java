package dev.sluice.analysis.provider;

import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Server that behaves in one scripted way and keeps its requests. */
final class ScriptedProvider implements AutoCloseable {
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final Closeable server;
    private final int port;

    private final boolean overTls;

    private ScriptedProvider(Closeable server, int port) {
        this(server, port, false);
    }

    private ScriptedProvider(Closeable server, int port, boolean overTls) {
        this.server = server;
        this.port = port;
        this.overTls = overTls;
    }

    /** Sends the same answer to every request. */
    static ScriptedProvider answering(int status, Map<String, String> headers, String body) {
        try {
            HttpServer http =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            ScriptedProvider provider =
                    new ScriptedProvider(() -> http.stop(0), http.getAddress().getPort());
            http.createContext(
                    "/",
                    exchange -> {
                        byte[] request = exchange.getRequestBody().readAllBytes();
                        StringBuilder seen = new StringBuilder();
                        seen.append(exchange.getRequestURI()).append('\n');
                        exchange.getRequestHeaders()
                                .forEach((name, values) ->
                                        seen.append(name).append(": ").append(values).append('\n'));
                        provider.requests.add(
                                seen + "\n" + new String(request, StandardCharsets.UTF_8));
                        headers.forEach(exchange.getResponseHeaders()::set);
                        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                        exchange.getResponseBody().write(bytes);
                        exchange.close();
                    });
            http.start();
            return provider;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the beginning of an answer and resets the connection. */
    static ScriptedProvider resetting(String beginning) {
        return onSocket(socket -> {
            OutputStream out = socket.getOutputStream();
            out.write(beginning.getBytes(StandardCharsets.UTF_8));
            out.flush();
            socket.setSoLinger(true, 0);
            socket.close();
        });
    }

    /** Accepts the request and does not answer until the caller disconnects. */
    static ScriptedProvider silent() {
        return onSocket(socket -> {
            while (socket.getInputStream().read() >= 0) {
                // waits for the caller to close
            }
        });
    }

    /** Answers a TLS handshake with bytes that are not TLS. */
    static ScriptedProvider notSpeakingTls() {
        return onSocket(
                true,
                socket -> {
                    socket.getOutputStream()
                            .write(
                                    "HTTP/1.1 400 Bad Request\r\n\r\n"
                                            .getBytes(StandardCharsets.UTF_8));
                    socket.close();
                });
    }

    private interface Conversation {
        void with(Socket socket) throws IOException;
    }

    private static ScriptedProvider onSocket(Conversation conversation) {
        return onSocket(false, conversation);
    }

    private static ScriptedProvider onSocket(boolean overTls, Conversation conversation) {
        try {
            ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
            ScriptedProvider provider =
                    new ScriptedProvider(server, server.getLocalPort(), overTls);
            Thread.ofVirtual()
                    .start(() -> {
                        while (!server.isClosed()) {
                            try (Socket socket = server.accept()) {
                                provider.requests.add(head(socket.getInputStream()));
                                conversation.with(socket);
                            } catch (IOException e) {
                                // the caller disconnected, or the test is over
                            }
                        }
                    });
            return provider;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String head(InputStream in) throws IOException {
        byte[] first = new byte[8_192];
        int length = in.read(first);
        return new String(first, 0, Math.max(0, length), StandardCharsets.ISO_8859_1);
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    URI tlsUrl(String path) {
        return URI.create("https://127.0.0.1:" + port + path);
    }

    /** The URL to call. */
    URI callUrl(String path) {
        return overTls ? tlsUrl(path) : url(path);
    }

    /** Path, headers and body of each request. */
    List<String> requests() {
        return requests;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
