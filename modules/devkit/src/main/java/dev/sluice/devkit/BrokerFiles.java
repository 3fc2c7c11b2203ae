package dev.sluice.devkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * The folder and the settings of one broker with its KRaft controller, on loopback; tuned for one
 * node and short transactions.
 */
record BrokerFiles(Path directory, int port, Properties settings) {
    /**
     * Largest record in bytes that a topic may allow; twice the size that Sluice's largest internal
     * topic needs.
     */
    private static final int MAX_RECORD_BYTES = 64 * 1024 * 1024;

    /** No setting of Kafka: listeners in addition to those chosen here. */
    static final String FURTHER_LISTENERS = "further.listeners";

    /**
     * Prepares a temporary folder.
     *
     * @param overrides broker settings that replace those chosen here
     */
    static BrokerFiles create(Map<String, String> overrides) {
        int[] ports = freePorts(2);
        try {
            Path directory = Files.createTempDirectory("sluice-kafka-");
            format(directory);
            Properties settings = settings(ports[0], ports[1], directory);
            settings.putAll(overrides);
            addListeners(settings);
            return new BrokerFiles(directory, ports[0], settings);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create the broker's folder", e);
        }
    }

    /** Adds those of {@link #FURTHER_LISTENERS} to the listeners. */
    private static void addListeners(Properties settings) {
        Object further = settings.remove(FURTHER_LISTENERS);
        if (further != null) {
            settings.merge("listeners", further, (some, more) -> some + "," + more);
            settings.merge("advertised.listeners", further, (some, more) -> some + "," + more);
        }
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    void delete() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the broker's folder " + directory, e);
        }
    }

    private static void format(Path directory) {
        Formatter formatter =
                new Formatter()
                        .setPrintStream(
                                new PrintStream(
                                        OutputStream.nullOutputStream(),
                                        false,
                                        StandardCharsets.UTF_8))
                        .setClusterId(Uuid.randomUuid().toString())
                        .setNodeId(1)
                        .setDirectories(List.of(directory.toString()))
                        .setMetadataLogDirectory(directory.toString())
                        .setControllerListenerName("CONTROLLER");
        try {
            formatter.run();
        } catch (Exception e) {
            throw new IllegalStateException("cannot format the broker's folder " + directory, e);
        }
    }

    private static Properties settings(int brokerPort, int controllerPort, Path directory) {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:"
                        + brokerPort
                        + ",CONTROLLER://127.0.0.1:"
                        + controllerPort);
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + brokerPort);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", directory.toString());
        settings.putAll(tuning());
        return settings;
    }

    /** Settings of a single broker that has small topics and short transactions. */
    static Map<String, String> tuning() {
        Map<String, String> settings = new HashMap<>();
        // One node: every internal topic has one replica and, being small, one partition.
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        // Rebalances take about a heartbeat; tests and the demo should not wait seconds for one.
        settings.put("group.consumer.heartbeat.interval.ms", "500");
        settings.put("group.consumer.min.heartbeat.interval.ms", "500");
        settings.put("group.consumer.session.timeout.ms", "4000");
        settings.put("group.consumer.min.session.timeout.ms", "3000");
        settings.put("group.min.session.timeout.ms", "1000");
        // Back-to-back transactions wait on this, 20 ms each by default.
        settings.put("add.partitions.to.txn.retry.backoff.ms", "1");
        settings.put("message.max.bytes", String.valueOf(MAX_RECORD_BYTES));
        settings.put("replica.fetch.max.bytes", String.valueOf(MAX_RECORD_BYTES));
        settings.put("auto.create.topics.enable", "false");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");
        settings.put("log.flush.scheduler.interval.ms", String.valueOf(Long.MAX_VALUE));
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("controlled.shutdown.enable", "false");
        return settings;
    }

    static int[] freePorts(int count) {
        ServerSocket[] sockets = new ServerSocket[count];
        try {
            int[] ports = new int[count];
            for (int i = 0; i < count; i++) {
                sockets[i] = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ports[i] = sockets[i].getLocalPort();
            }
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on loopback", e);
        }
    }
}
