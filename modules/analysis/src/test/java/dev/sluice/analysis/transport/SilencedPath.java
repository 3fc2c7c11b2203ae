package dev.sluice.analysis.transport;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Path to a server whose connections can be silenced, as when a router drops them. */
final class SilencedPath implements AutoCloseable {
    private final ServerSocket front = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Collection<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final AtomicInteger silenced = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();
    private final int port;
    private final Duration delay;

    SilencedPath(int port) throws IOException {
        this(port, Duration.ZERO);
    }

    /**
     * @param delay time by which each connection is opened late
     */
    SilencedPath(int port, Duration delay) throws IOException {
        this.port = port;
        this.delay = delay;
        Thread.ofVirtual().start(this::accept);
    }

    URI url() {
        return URI.create("https://localhost:" + front.getLocalPort());
    }

    /** Drops all further bytes on the current connections without closing them. */
    void silence() {
        silenced.set(made.get());
    }

    private void accept() {
        try {
            while (true) {
                Socket client = front.accept();
                Thread.sleep(delay);
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets.add(client);
                sockets.add(server);
                int number = made.incrementAndGet();
                Thread.ofVirtual().start(() -> forward(client, server, number));
                Thread.ofVirtual().start(() -> forward(server, client, number));
            }
        } catch (IOException | InterruptedException e) {
            // Closed: the test is over.
        }
    }

    private void forward(Socket from, Socket to, int number) {
        byte[] buffer = new byte[8_192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (number > silenced.get()) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException e) {
            // Closed on one side.
        }
    }

    @Override
    public void close() throws IOException {
        front.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
