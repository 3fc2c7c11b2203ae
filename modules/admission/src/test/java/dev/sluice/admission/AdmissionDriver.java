package dev.sluice.admission;

import dev.sluice.admission.ledger.Budgets;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.Spend;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.metrics.SluiceMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** Admission's topology without brokers, on a clock that is set by hand. */
final class AdmissionDriver implements AutoCloseable {
    static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
    static final String MODEL = "gpt-4.1-mini";
    static final int MAX_WAITING = 20;

    final EmbeddedRegistry server = EmbeddedRegistry.start();
    final AtomicLong pending = new AtomicLong();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Path state;
    private final KafkaConnection connection;
    private final SchemaRegistry registry;
    private Instant now;
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> requests;
    private TestInputTopic<byte[], byte[]> settlements;

    AdmissionDriver(Path state, Instant now) {
        this.state = state;
        this.now = now;
        this.connection =
                new KafkaConnection(
                        Map.of(),
                        Map.of("schema.registry.url", server.url(), "max.retries", 0),
                        TOPICS,
                        1 << 20);
        this.registry = connection.openRegistry();
    }

    void open(PriceTable prices, Budgets budgets, int partitions) {
        if (driver != null) {
            driver.close();
        }
        AdmissionSettings settings =
                new AdmissionSettings(
                        state,
                        1,
                        0,
                        Map.of(MODEL, List.of(MODEL)),
                        budgets,
                        MAX_WAITING,
                        Duration.ofSeconds(1));
        Placement placement = new Placement(partitions);
        AdmissionProcessor.Setup setup =
                new AdmissionProcessor.Setup(
                        TOPICS,
                        placement,
                        Admission.rules(
                                connection,
                                registry,
                                settings,
                                AnalysisCatalog.load(Optional.empty()),
                                prices,
                                () -> now),
                        new SettlementReader(
                                connection.deserializer(registry, Settlement.class), () -> now),
                        connection.serializer(registry),
                        new SluiceMetrics(meters),
                        () -> now,
                        settings.probeInterval(),
                        pending);
        Properties properties = new Properties();
        properties.put("application.id", "test");
        properties.put("bootstrap.servers", "nowhere:1");
        properties.put("state.dir", state.toString());
        driver =
                new TopologyTestDriver(
                        AdmissionTopology.build(
                                TOPICS,
                                List.of(MODEL),
                                4 << 20,
                                placement,
                                () -> new AdmissionProcessor(setup)),
                        properties,
                        now);
        requests = input(TOPICS.requests());
        settlements = input(TOPICS.settlements());
    }

    private TestInputTopic<byte[], byte[]> input(String topic) {
        return driver.createInputTopic(
                topic, new ByteArraySerializer(), new ByteArraySerializer(), now, Duration.ZERO);
    }

    static AnalysisRequest request(String user, String id) {
        return AnalysisRequest.newBuilder()
                .setRequestId(id)
                .setUserId(user)
                .setAnalysis("seo")
                .setContent("<title>T</title>")
                .build();
    }

    void send(AnalysisRequest request) {
        requests.pipeInput(bytes(request));
    }

    void send(byte[] key, byte[] value) {
        requests.pipeInput(key, value);
    }

    void send(TestRecord<byte[], byte[]> record) {
        requests.pipeInput(record);
    }

    /** The worker's word on a job: what it cost, of its cap. */
    void settle(AnalysisJob job, String spent, String unconfirmed) {
        settlements.pipeInput(
                job.getRequest().getUserId().toString().getBytes(StandardCharsets.UTF_8),
                settlement(job, spent, unconfirmed));
    }

    byte[] settlement(AnalysisJob job, String spent, String unconfirmed) {
        Settlement settlement =
                Settlement.newBuilder()
                        .setReservationId(job.getReservation().getReservationId())
                        .setRequestId(job.getRequest().getRequestId())
                        .setUserId(job.getRequest().getUserId())
                        .setGeneration(job.getGeneration())
                        .setDay(job.getReservation().getDay())
                        .setReservedUsd(job.getReservation().getCap())
                        .setSpentUsd(new BigDecimal(spent).setScale(9))
                        .setUnconfirmedUsd(new BigDecimal(unconfirmed).setScale(9))
                        .build();
        return serialized(TOPICS.settlements(), settlement);
    }

    /** Bytes that are no settlement. */
    void settle(byte[] value) {
        settlements.pipeInput(value);
    }

    /** Lets time pass, for records and for whatever is done now and then. */
    void pass(Duration time) {
        now = now.plus(time);
        driver.advanceWallClockTime(time);
    }

    byte[] bytes(AnalysisRequest request) {
        return serialized(TOPICS.requests(), request);
    }

    <T> byte[] serialized(String topic, T value) {
        return connection.<T>serializer(registry).serialize(topic, value);
    }

    /** Jobs since this was asked last. */
    List<AnalysisJob> jobs() {
        return records(TOPICS.jobs(MODEL)).stream()
                .map(record -> read(record, AnalysisJob.class))
                .toList();
    }

    List<Spend> spends() {
        return records(TOPICS.spend()).stream().map(record -> read(record, Spend.class)).toList();
    }

    List<DeadLetter> deadLetters() {
        return records(TOPICS.deadLetters()).stream()
                .map(record -> read(record, DeadLetter.class))
                .toList();
    }

    List<TestRecord<byte[], byte[]>> records(String topic) {
        return driver.createOutputTopic(
                        topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    <T> T read(TestRecord<byte[], byte[]> record, Class<T> type) {
        return connection.deserializer(registry, type).deserialize("any", record.value());
    }

    @Override
    public void close() {
        driver.close();
        registry.close();
        server.close();
    }
}
