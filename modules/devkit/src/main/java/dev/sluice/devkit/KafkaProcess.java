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
 * One Kafka broker in a process of its own on loopback, which can be killed and started again on
 * what it had. It has a second address for clients that are to reach it through a {@link TcpProxy}.
 */
public final class KafkaProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final BrokerFiles files;
    private final int proxiedPort;
    private Process process;

    private KafkaProcess(BrokerFiles files, int proxiedPort, Process process) {
        this.files = files;
        this.proxiedPort = proxiedPort;
        this.process = process;
    }

    /**
     * Starts a broker.
     *
     * @param advertisedPort where clients of the second address find a proxy that leads to {@link
     *     #proxiedPort()}
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

    /** Address for clients that reach it directly. */
    public String bootstrapServers() {
        return files.bootstrapServers();
    }

    /** Where the proxy of the second address has to lead. */
    public int proxiedPort() {
        return proxiedPort;
    }

    /** SIGKILL, then a start on what was written. */
    public void crashAndRestart() throws IOException, InterruptedException {
        kill();
        process = launch(files);
        awaitStarted();
    }

    /** SIGSTOP: it takes connections and answers nothing. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IllegalStateException("kill -" + name + " ended with " + kill.exitValue());
        }
    }

    @Override
    public void close() {
        try {
            kill();
            files.delete();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the broker could not be killed");
        }
    }

    private static Path settingsFile(BrokerFiles files) {
        return files.directory().resolve("server.properties");
    }

    private static Process launch(BrokerFiles files) throws IOException {
        return new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx512m",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "kafka.Kafka",
                                settingsFile(files).toString()))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(
                                files.directory().resolve("broker.log").toFile()))
                .start();
    }

    private void awaitStarted() throws IOException, InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException(
                        "the broker did not start: "
                                + Files.readString(files.directory().resolve("broker.log")));
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
