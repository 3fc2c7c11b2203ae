package dev.sluice.app.spend;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.Spend;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.ThrottledLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A view of users' spend by day, on any instance of any role. It reads the spend topic from the
 * first query on. Thread-safe.
 */
public final class SpendView implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SpendView.class);
    private static final String STORE = "spend";
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    /** Time limit of waiting for the brokers; the next query tries again. */
    private static final int TIMEOUT_MILLIS = 5_000;

    private final KafkaConnection connection;
    private final ThrottledLog failing = new ThrottledLog(new SteadyClock());
    private @Nullable Open open;

    private record Open(
            KafkaStreams streams,
            SchemaRegistry registry,
            ConfluentAvroDeserializer<Spend> deserializer) {}

    public SpendView(KafkaConnection connection) {
        this.connection = connection;
    }

    /**
     * A user's days that have bookings, the oldest first; empty while the topic is still being
     * read.
     *
     * @param last the last day
     * @param count number of days up to the last
     */
    public Optional<List<Spend>> days(String user, LocalDate last, int count) {
        Open view = opened();
        if (view.streams().state() != KafkaStreams.State.RUNNING) {
            return Optional.empty();
        }
        ReadOnlyKeyValueStore<String, byte[]> store =
                view.streams()
                        .store(
                                StoreQueryParameters.fromNameAndType(
                                        STORE, QueryableStoreTypes.keyValueStore()));
        List<Spend> days = new ArrayList<>();
        for (LocalDate day = last.minusDays(count - 1L);
                !day.isAfter(last);
                day = day.plusDays(1)) {
            byte[] value = store.get(day + "/" + user);
            if (value != null) {
                days.add(view.deserializer().deserialize(connection.topics().spend(), value));
            }
        }
        return Optional.of(days);
    }

    /** The view; the first query opens it, and the first one after a failure opens it again. */
    private synchronized Open opened() {
        Open known = open;
        if (known != null && hasFailed(known)) {
            close(known);
            known = null;
        }
        if (known == null) {
            known = build();
            open = known;
            KafkaStreams streams = known.streams();
            // Blocks until the whole topic has been read, so it runs on a thread of its own.
            var _ = Thread.ofPlatform().name("spend-view").daemon().start(() -> start(streams));
        }
        return known;
    }

    private static boolean hasFailed(Open view) {
        return view.streams().state().hasStartedOrFinishedShuttingDown()
                || view.streams().state() == KafkaStreams.State.ERROR;
    }

    private void start(KafkaStreams streams) {
        try {
            streams.start();
        } catch (RuntimeException e) {
            if (failing.isDue()) {
                log.atWarn()
                        .addKeyValue("reason", String.valueOf(e.getCause()))
                        .log("the spend topic cannot be read");
            }
            boolean _ = streams.close(CLOSE_LIMIT);
        }
    }

    private Open build() {
        StreamsBuilder builder = new StreamsBuilder();
        var _ =
                builder.globalTable(
                        connection.topics().spend(),
                        Consumed.with(Serdes.String(), Serdes.ByteArray()),
                        Materialized.as(Stores.persistentKeyValueStore(STORE)));
        SchemaRegistry registry = connection.openRegistry();
        return new Open(
                new KafkaStreams(builder.build(), properties()),
                registry,
                connection.deserializer(registry, Spend.class));
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.TASK_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
        properties.put(
                StreamsConfig.globalConsumerPrefix("default.api.timeout.ms"), TIMEOUT_MILLIS);
        properties.put(StreamsConfig.globalConsumerPrefix("request.timeout.ms"), TIMEOUT_MILLIS);
        properties.putAll(connection.client());
        // Records of aborted transactions must not be shown.
        properties.put(StreamsConfig.consumerPrefix("isolation.level"), "read_committed");
        properties.put(
                StreamsConfig.APPLICATION_ID_CONFIG, connection.topics().prefix() + "spend-view");
        // The state is temporary: the topic is read again after each start.
        properties.put(StreamsConfig.STATE_DIR_CONFIG, folder().toString());
        return properties;
    }

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("sluice-spend");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot create a temporary folder for the spend view", e);
        }
    }

    @Override
    public synchronized void close() {
        if (open != null) {
            close(open);
        }
    }

    /**
     * Closes the view on another thread, because Kafka Streams does not close before its start has
     * ended, and an outage can delay that.
     */
    private static void close(Open view) {
        Thread closing =
                Thread.ofPlatform()
                        .name("spend-view-close")
                        .daemon()
                        .start(() -> {
                            if (view.streams().close(CLOSE_LIMIT)) {
                                view.streams().cleanUp();
                            }
                        });
        try {
            boolean _ = closing.join(CLOSE_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            view.registry().close();
        }
    }
}
