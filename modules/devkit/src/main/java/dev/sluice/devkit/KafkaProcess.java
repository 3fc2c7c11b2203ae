package dev.sluice.devkit;

import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Kafka broker in a process of its own, on loopback. It can be killed and started again on its
 * data. It has a second address for clients that connect through a {@link TcpProxy}.
 */
public final class KafkaProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final BrokerFiles files;
    private final int proxiedPort;
    private JavaProcess process;

    private KafkaProcess(BrokerFiles files, int proxiedPort, JavaProcess process) {
        this.files = files;
        this.proxiedPort = proxiedPort;
        this.process = process;
    }

    /**
     * Starts a broker.
     *
     * @param advertisedPort port of the proxy that clients of the second address connect to; it
     *     must lead to {@link #proxiedPort()}
     */
    public static KafkaProcess start(int advertisedPort) throws IOException, InterruptedException {
        int[] ports = BrokerFiles.freePorts(3);
        BrokerFiles files =
                BrokerFiles.create(
                        Map.of(
                                "listeners",
                                "PLAINTEXT://127.0.0.1:%d,PROXIED://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                                        .formatted(ports[0], ports[1], ports[2]),
                                "advertised.listeners",
                                "PLAINTEXT://127.0.0.1:%d,PROXIED://127.0.0.1:%d"
                                        .formatted(ports[0], advertisedPort),
                                "controller.quorum.voters",
                                "1@127.0.0.1:" + ports[2],
                                "listener.security.protocol.map",
                                "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT"));
        BrokerFiles placed = new BrokerFiles(files.directory(), ports[0], files.settings());
        try (Writer out = Files.newBufferedWriter(settingsFile(placed))) {
            placed.settings().store(out, null);
        }
        KafkaProcess kafka = new KafkaProcess(placed, ports[1], launch(placed));
        kafka.awaitStarted();
        return kafka;
    }

    /** Address for clients that connect directly. */
    public String bootstrapServers() {
        return files.bootstrapServers();
    }

    /** The port to which the proxy of the second address must lead. */
    public int proxiedPort() {
        return proxiedPort;
    }

    /** Sends SIGKILL, then starts the broker on the data that it had written. */
    public void crashAndRestart() throws IOException, InterruptedException {
        process.kill();
        process = launch(files);
        awaitStarted();
    }

    /** Sends SIGSTOP: the broker accepts connections and does not answer. */
    public void pause() throws IOException, InterruptedException {
        process.pause();
    }

    /** Sends SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        process.resume();
    }

    @Override
    public void close() {
        try {
            process.kill();
            files.delete();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Path settingsFile(BrokerFiles files) {
        return files.directory().resolve("server.properties");
    }

    private static JavaProcess launch(BrokerFiles files) throws IOException {
        return JavaProcess.start(
                new JavaProcess.Program(
                        "kafka.Kafka",
                        List.of(settingsFile(files).toString()),
                        List.of(),
                        Map.of()),
                files.directory().resolve("broker.log"));
    }

    private void awaitStarted() throws IOException, InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException("the broker did not start: " + process.log());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), files.port()), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
