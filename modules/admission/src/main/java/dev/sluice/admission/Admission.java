package dev.sluice.admission;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running admission: a Kafka Streams application with exactly-once on. */
public final class Admission implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Admission.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

    private final KafkaStreams streams;
    private final SchemaRegistry registry;

    private Admission(KafkaStreams streams, SchemaRegistry registry) {
        this.streams = streams;
        this.registry = registry;
    }

    /** Starts deciding on requests. Returns at once; {@link Health} says when it is ready. */
    public static Admission start(
            KafkaConnection connection,
            AdmissionSettings settings,
            AnalysisCatalog analyses,
            PriceTable prices,
            SluiceMetrics metrics,
            Health health) {
        SchemaRegistry registry = connection.openRegistry();
        Gatekeeper gatekeeper =
                new Gatekeeper(
                        connection,
                        registry,
                        analyses,
                        prices,
                        settings.modelIds(),
                        InstantSource.system());
        AtomicLong pending = new AtomicLong();
        metrics.gauge(Metric.PENDING, pending::get);
        KafkaStreams streams =
                new KafkaStreams(
                        AdmissionTopology.build(
                                connection.topics(),
                                settings.modelIds().keySet(),
                                connection.maxInternalBytes(),
                                () ->
                                        new AdmissionProcessor(
                                                gatekeeper,
                                                metrics,
                                                settings.probeInterval(),
                                                pending)),
                        properties(connection, settings));
        streams.setUncaughtExceptionHandler(
                new FailedThreads(settings.threads(), InstantSource.system()));
        health.live("admission", () -> problem(streams, KafkaStreams.State.ERROR));
        health.ready(
                "admission",
                () ->
                        streams.state() == KafkaStreams.State.RUNNING
                                ? Optional.empty()
                                : Optional.of("is " + streams.state()));
        health.ready(
                "schema-registry",
                () ->
                        pending.get() == 0
                                ? Optional.empty()
                                : Optional.of(pending.get() + " requests wait for it"));
        streams.start();
        return new Admission(streams, registry);
    }

    @Override
    public void close() {
        boolean stopped = streams.close(CLOSE_TIMEOUT);
        if (!stopped) {
            log.atWarn().log("admission did not stop in time; its open transaction will time out");
        }
        registry.close();
    }

    private static Optional<String> problem(KafkaStreams streams, KafkaStreams.State bad) {
        return streams.state() == bad ? Optional.of("is " + bad) : Optional.empty();
    }

    /** Short commits and polls: the defaults cost 126 ms a hop, these 28. */
    private static Properties properties(KafkaConnection connection, AdmissionSettings settings) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 20);
        properties.put(StreamsConfig.POLL_MS_CONFIG, 5);
        properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, -1);
        properties.putAll(connection.client());
        properties.put(
                StreamsConfig.APPLICATION_ID_CONFIG, connection.topics().prefix() + "admission");
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbys());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
        connection
                .producer()
                .forEach((key, value) -> properties.put(StreamsConfig.producerPrefix(key), value));
        properties.put(StreamsConfig.producerPrefix("retry.backoff.ms"), 5);
        properties.put(
                StreamsConfig.consumerPrefix("fetch.max.bytes"),
                Math.max(50 << 20, connection.maxInternalBytes()));
        return properties;
    }
}
