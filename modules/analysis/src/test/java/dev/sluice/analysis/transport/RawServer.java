package dev.sluice.analysis.transport;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** HTTP/1.1 server that writes exactly the bytes of a test, including invalid ones. */
final class RawServer implements AutoCloseable {
    private final List<String> heads;
    private final ServerSocket server;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();

    /** Handling of one request. */
    interface Exchange {
        /**
         * @param body of the request
         * @param number of the request on its connection, from 1
         */
        void answer(Socket socket, String body, int number) throws Exception;
    }

    private RawServer(List<String> heads, Exchange exchange) throws IOException {
        this.heads = heads;
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(() -> accept(exchange));
    }

    static RawServer answering(Exchange exchange) throws IOException {
        return withHeads(new CopyOnWriteArrayList<>(), exchange);
    }

    /**
     * @param heads receives the head of each request
     */
    static RawServer withHeads(List<String> heads, Exchange exchange) throws IOException {
        return new RawServer(heads, exchange);
    }

    static void write(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** A whole answer of status 200. */
    static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    int connections() {
        return connections.get();
    }

    int requests() {
        return requests.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept(Exchange exchange) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> converse(socket, exchange));
            } catch (IOException e) {
                // The test is over.
                return;
            }
        }
    }

    private void converse(Socket socket, Exchange exchange) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int number = 1; ; number++) {
                String body = request(in, heads);
                requests.incrementAndGet();
                exchange.answer(socket, body, number);
            }
        } catch (Exception e) {
            // The client disconnected, or the test closed the connection.
        }
    }

    private static String request(InputStream in, List<String> heads) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed");
            }
            head.append((char) next);
        }
        heads.add(head.toString());
        int length = 0;
        for (String line : head.toString().lines().toList()) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
