package dev.sluice.devkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * A TCP proxy on loopback that simulates a bad network. It forwards connections to a port, and can
 * delay all data, hold all data back, or close connections, at once or at a chosen moment.
 * Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean silent;
    private volatile boolean closed;

    private final AtomicReference<Optional<Trap>> trap = new AtomicReference<>(Optional.empty());

    private record Trap(Predicate<ByteBuffer> bait, boolean delivered, Runnable sprung) {}

    private TcpProxy(ServerSocket server) {
        this.server = server;
    }

    /** Listens on a free port; {@link #leadTo} sets the target of its connections. */
    public static TcpProxy open() {
        try {
            TcpProxy proxy =
                    new TcpProxy(new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress()));
            var _ = Thread.ofVirtual().name("proxy").start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on loopback", e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    public void leadTo(int port) {
        target = port;
    }

    /** Delays all data from now on by this time. */
    public void delay(Duration newDelay) {
        delay = newDelay;
    }

    /** Starts or stops holding all data back; connections stay open. */
    public void silence(boolean on) {
        silent = on;
    }

    /** Closes all connections that are open now. */
    public void cut() {
        sockets.forEach(TcpProxy::closeQuietly);
    }

    /**
     * Closes a connection when its client sends matching data. Works once.
     *
     * @param bait matches the data from the client
     * @param delivered whether the server still receives the data
     * @param sprung runs before the connection is closed
     */
    public void trap(Predicate<ByteBuffer> bait, boolean delivered, Runnable sprung) {
        trap.set(Optional.of(new Trap(bait, delivered, sprung)));
    }

    /** Removes the trap. */
    public void disarm() {
        trap.set(Optional.empty());
    }

    @Override
    public void close() {
        closed = true;
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the proxy did not close", e);
        }
        cut();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = server.accept();
                sockets.add(client);
                var _ = Thread.ofVirtual().name("proxy").start(() -> connect(client));
            } catch (IOException e) {
                if (!closed) {
                    throw new UncheckedIOException("the proxy cannot accept connections", e);
                }
            }
        }
    }

    private void connect(Socket client) {
        try {
            awaitNotSilent();
            Socket there = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(there);
            client.setTcpNoDelay(true);
            there.setTcpNoDelay(true);
            var _ = Thread.ofVirtual().name("proxy").start(() -> pass(there, client, false));
            pass(client, there, true);
        } catch (IOException | InterruptedException e) {
            closeQuietly(client);
            sockets.remove(client);
        }
    }

    private void pass(Socket from, Socket to, boolean fromClient) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                awaitNotSilent();
                Duration wait = delay;
                if (wait.isPositive()) {
                    Thread.sleep(wait);
                }
                Optional<Trap> sprung =
                        fromClient ? sprung(ByteBuffer.wrap(buffer, 0, count)) : Optional.empty();
                if (sprung.isEmpty() || sprung.get().delivered()) {
                    out.write(buffer, 0, count);
                }
                if (sprung.isPresent()) {
                    sprung.get().sprung().run();
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            // One side has closed: close the other side too.
        } finally {
            closeQuietly(from);
            closeQuietly(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    /** The trap if this data matches it; it is then removed. */
    private Optional<Trap> sprung(ByteBuffer sent) {
        Optional<Trap> armed = trap.get();
        return armed.filter(some -> some.bait().test(sent.slice()))
                .filter(some -> trap.compareAndSet(armed, Optional.empty()));
    }

    private void awaitNotSilent() throws InterruptedException {
        while (silent && !closed) {
            TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closing a closed connection may fail; that is harmless.
        }
    }
}
