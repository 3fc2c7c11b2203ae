package dev.sluice.devkit;

import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/**
 * A Kafka broker with its KRaft controller in this process, on loopback. Its data is in a temporary
 * folder, which {@link #close()} deletes. Tuned for one node and short transactions.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private final KafkaRaftServer server;
    private final BrokerFiles files;

    private EmbeddedKafka(KafkaRaftServer server, BrokerFiles files) {
        this.server = server;
        this.files = files;
    }

    /**
     * The broker settings that have nothing to do with addresses and folders, for a broker that is
     * to behave the same in another place.
     */
    public static Map<String, String> tuning() {
        return BrokerFiles.tuning();
    }

    /** Starts a broker on free ports. */
    public static EmbeddedKafka start() {
        return start(Map.of());
    }

    /**
     * Starts a broker on free ports.
     *
     * @param overrides broker settings that replace those chosen here
     */
    public static EmbeddedKafka start(Map<String, String> overrides) {
        BrokerFiles files = BrokerFiles.create(overrides);
        try {
            return new EmbeddedKafka(started(files), files);
        } catch (RuntimeException | Error e) {
            files.delete();
            throw e;
        }
    }

    private static KafkaRaftServer started(BrokerFiles files) {
        KafkaRaftServer server =
                new KafkaRaftServer(KafkaConfig.fromProps(files.settings(), false), Time.SYSTEM);
        try {
            server.startup();
            return server;
        } catch (RuntimeException | Error e) {
            server.shutdown();
            throw e;
        }
    }

    /** Address for clients. */
    public String bootstrapServers() {
        return files.bootstrapServers();
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        // Delete the folder last: a broker whose log folder vanishes halts the JVM.
        files.delete();
    }
}
