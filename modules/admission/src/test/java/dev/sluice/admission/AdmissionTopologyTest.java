package dev.sluice.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reason;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.SourceReference;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.metrics.SluiceMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdmissionTopologyTest {
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final String MODEL = "gpt-4.1-mini";
    private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

    @TempDir private Path state;

    private final AtomicLong pending = new AtomicLong();
    private EmbeddedRegistry server;
    private SchemaRegistry registry;
    private KafkaConnection connection;
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> requests;

    @BeforeEach
    void start() {
        server = EmbeddedRegistry.start();
        connection =
                new KafkaConnection(
                        Map.of(),
                        Map.of("schema.registry.url", server.url(), "max.retries", 0),
                        TOPICS,
                        1 << 20);
        registry = connection.openRegistry();
        open(PriceTable.shipped());
    }

    private void open(PriceTable prices) {
        Gatekeeper gatekeeper =
                new Gatekeeper(
                        connection,
                        registry,
                        AnalysisCatalog.load(Optional.empty()),
                        prices,
                        Map.of(MODEL, List.of(MODEL)),
                        () -> NOW);
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
                                () ->
                                        new AdmissionProcessor(
                                                gatekeeper,
                                                new SluiceMetrics(new SimpleMeterRegistry()),
                                                Duration.ofSeconds(1),
                                                pending)),
                        properties,
                        NOW);
        requests =
                driver.createInputTopic(
                        TOPICS.requests(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer(),
                        NOW,
                        Duration.ZERO);
    }

    @AfterEach
    void stop() {
        driver.close();
        registry.close();
        server.close();
    }

    @Test
    void requestBecomesAJobWithItsReservationAndItsBytes() {
        byte[] bytes = bytes(request("r-1"));

        requests.pipeInput("ann".getBytes(StandardCharsets.UTF_8), bytes);

        TestRecord<byte[], byte[]> record = output(TOPICS.jobs(MODEL)).readRecord();
        AnalysisJob job = read(record, AnalysisJob.class);
        assertThat(record.key()).isEqualTo("r-1".getBytes(StandardCharsets.UTF_8));
        assertThat(job.getRequest()).isEqualTo(request("r-1"));
        assertThat(job.getSource().getValue()).isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(job.getReservation().getDay()).isEqualTo("2026-11-23");
        assertThat(job.getReservation().getCap()).isPositive();
        assertThat(job.getReservation().getReservationId()).hasToString(TOPICS.requests() + "-0@0");
        assertThat(job.getReservation().getPrices()).hasSize(1);
    }

    @Test
    void bulkRequestsHaveALaneOfTheirOwn() {
        AnalysisRequest bulk = request("r-1");
        bulk.setPriority(Priority.BULK);

        requests.pipeInput(bytes(bulk));

        assertThat(output(TOPICS.bulkJobs(MODEL)).getQueueSize()).isEqualTo(1);
        assertThat(output(TOPICS.jobs(MODEL)).isEmpty()).isTrue();
    }

    @Test
    void generationComesFromTheHeader() {
        RecordHeaders headers = new RecordHeaders();
        headers.add(HeaderNames.GENERATION, "3".getBytes(StandardCharsets.UTF_8));

        requests.pipeInput(new TestRecord<>(null, bytes(request("r-1")), headers, NOW));

        AnalysisJob job = read(output(TOPICS.jobs(MODEL)).readRecord(), AnalysisJob.class);
        assertThat(job.getGeneration()).isEqualTo(3);
    }

    @Test
    void unknownAnalysisIsRefusedWithTheKnownOnes() {
        AnalysisRequest unknown = request("r-1");
        unknown.setAnalysis("horoscope");

        requests.pipeInput(bytes(unknown));

        DeadLetter letter = deadLetter();
        assertThat(letter.getReason()).isEqualTo(Reason.UNKNOWN_ANALYSIS);
        assertThat(letter.getKind()).isEqualTo(DeadLetterKind.REFUSED);
        assertThat(letter.getMessage().toString()).contains("seo");
        assertThat(letter.getRequestId()).hasToString("r-1");
    }

    @Test
    void modelWithoutAPriceIsRefused() {
        driver.close();
        open(new PriceTable(List.of()));

        requests.pipeInput(bytes(request("r-1")));

        assertThat(deadLetter().getReason()).isEqualTo(Reason.UNPRICED_MODEL);
    }

    @Test
    void bytesThatAreNoAvroAreKeptWholeInTheDeadLetter() {
        byte[] bytes = {1, 2, 3};

        requests.pipeInput("k".getBytes(StandardCharsets.UTF_8), bytes);

        TestRecord<byte[], byte[]> record = output(TOPICS.deadLetters()).readRecord();
        DeadLetter letter = read(record, DeadLetter.class);
        assertThat(letter.getReason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(((SourceRecord) letter.getOriginal()).getValue())
                .isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(record.key()).isEqualTo("k".getBytes(StandardCharsets.UTF_8));
        assertThat(
                        new String(
                                record.headers().lastHeader(HeaderNames.REASON).value(),
                                StandardCharsets.UTF_8))
                .isEqualTo("UNDECODABLE");
    }

    @Test
    void avroThatIsNoRecordIsUndecodableAndStopsNothing() {
        byte[] text =
                connection.<Object>serializer(registry).serialize("some-other-topic", "just text");

        requests.pipeInput(text);
        requests.pipeInput(bytes(request("r-2")));

        assertThat(deadLetter().getReason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(output(TOPICS.jobs(MODEL)).getQueueSize()).isEqualTo(1);
    }

    @Test
    void recordThatWasSmallOnlyWhenCompressedBecomesAReference() {
        byte[] bytes = bytes(request("r-1"));
        RecordHeaders headers = new RecordHeaders();
        headers.add("h", new byte[2 << 20]);

        requests.pipeInput(new TestRecord<>(null, bytes, headers, NOW));

        DeadLetter letter = deadLetter();
        assertThat(letter.getReason()).isEqualTo(Reason.INPUT_TOO_LARGE);
        assertThat(letter.getOriginal()).isInstanceOf(SourceReference.class);
    }

    @Test
    void requestsWaitWhileTheRegistryIsDown() {
        byte[] bytes = bytes(request("r-1"));
        byte[] later = bytes(request("r-2"));
        server.fail(503);

        requests.pipeInput(bytes);
        requests.pipeInput(later);
        driver.advanceWallClockTime(Duration.ofMinutes(5));
        assertThat(output(TOPICS.jobs(MODEL)).isEmpty()).isTrue();
        assertThat(output(TOPICS.deadLetters()).isEmpty()).isTrue();
        assertThat(pending.get()).isEqualTo(2);

        server.recover();
        driver.advanceWallClockTime(Duration.ofSeconds(2));

        assertThat(output(TOPICS.jobs(MODEL)).readRecordsToList())
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                .containsExactly("r-1", "r-2");
        assertThat(pending.get()).isZero();
    }

    @Test
    void unknownSchemaIsAskedForAgainBeforeItIsBelieved() {
        requests.pipeInput(new byte[] {0, 0, 0, 99, 99, 1});
        assertThat(output(TOPICS.deadLetters()).isEmpty()).isTrue();

        driver.advanceWallClockTime(Duration.ofSeconds(1));
        assertThat(output(TOPICS.deadLetters()).isEmpty()).isTrue();
        for (int probe = 0; probe < 6; probe++) {
            driver.advanceWallClockTime(Duration.ofSeconds(1));
        }

        assertThat(deadLetter().getReason()).isEqualTo(Reason.UNDECODABLE);
    }

    @Test
    void requestPastItsDeadlineIsRefusedUnpaid() {
        AnalysisRequest late = request("r-1");
        late.setDeadline(NOW);

        requests.pipeInput(bytes(late));

        assertThat(deadLetter().getReason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    }

    private static AnalysisRequest request(String id) {
        return AnalysisRequest.newBuilder()
                .setRequestId(id)
                .setUserId("ann")
                .setAnalysis("seo")
                .setContent("<title>T</title>")
                .build();
    }

    private byte[] bytes(AnalysisRequest request) {
        return connection.serializer(registry).serialize(TOPICS.requests(), request);
    }

    private TestOutputTopic<byte[], byte[]> output(String topic) {
        return driver.createOutputTopic(
                topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private DeadLetter deadLetter() {
        return read(output(TOPICS.deadLetters()).readRecord(), DeadLetter.class);
    }

    private <T> T read(TestRecord<byte[], byte[]> record, Class<T> type) {
        return connection.deserializer(registry, type).deserialize("any", record.value());
    }
}
