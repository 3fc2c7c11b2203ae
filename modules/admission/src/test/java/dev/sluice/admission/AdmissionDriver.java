package dev.sluice.admission;

import dev.sluice.admission.check.RecordDecoder;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.admission.settle.SettlementReader;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.Addition;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.BudgetChange;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.OwnLimits;
import dev.sluice.contract.Placement;
import dev.sluice.contract.Reason;
import dev.sluice.contract.ResultEnvelope;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.Spend;
import dev.sluice.contract.Stage;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.job.JobReader;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.Reasons;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** Admission's topology without brokers, on a clock that is set by hand. */
final class AdmissionDriver implements AutoCloseable {
    static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
    static final String MODEL = "gpt-4.1-mini";
    static final int MAX_WAITING = 20;

    /** A result whose output is a text. */
    private static final Schema RESULT =
            Schema.createRecord(
                    "Result",
                    null,
                    "dev.sluice.results.seo",
                    false,
                    Stream.concat(
                                    ResultEnvelope.getClassSchema().getFields().stream()
                                            .map(field -> new Schema.Field(field, field.schema())),
                                    Stream.of(
                                            new Schema.Field(
                                                    "output", Schema.create(Schema.Type.STRING))))
                            .toList());

    final EmbeddedRegistry server = EmbeddedRegistry.start();
    final AtomicLong pending = new AtomicLong();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Path state;
    private final KafkaConnection connection;
    private final SchemaRegistry registry;
    private Instant now;
    private TopologyTestDriver driver;
    private @Nullable Revivable revivable;
    private TestInputTopic<byte[], byte[]> requests;
    private TestInputTopic<byte[], byte[]> settlements;
    private TestInputTopic<byte[], byte[]> budgets;

    /**
     * As Streams does with a task whose transaction was aborted: closes the processor and gives it
     * the same store again.
     */
    private static final class Revivable implements Processor<byte[], byte[], byte[], byte[]> {
        private final AdmissionProcessor processor;
        private @Nullable ProcessorContext<byte[], byte[]> context;
        private boolean due;

        Revivable(AdmissionProcessor processor) {
            this.processor = processor;
        }

        @Override
        public void init(ProcessorContext<byte[], byte[]> opened) {
            context = opened;
            processor.init(opened);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            if (due) {
                due = false;
                processor.close();
                processor.init(Objects.requireNonNull(context));
            }
            processor.process(record);
        }

        @Override
        public void close() {
            processor.close();
        }
    }

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
        open(
                prices,
                new UserLimits(
                        budgets,
                        Ceilings.NONE,
                        Rates.ofEach(Integer.MAX_VALUE),
                        MAX_WAITING,
                        Integer.MAX_VALUE),
                partitions);
    }

    void open(PriceTable prices, UserLimits limits, int partitions) {
        if (driver != null) {
            driver.close();
        }
        AdmissionSettings settings =
                new AdmissionSettings(
                        state,
                        1,
                        0,
                        Map.of(MODEL, List.of(MODEL)),
                        limits,
                        1 << 20,
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
                        new RecordDecoder<>(connection.deserializer(registry, BudgetChange.class)),
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
                                List.of("seo"),
                                4 << 20,
                                placement,
                                !limits.ceilings().isEmpty(),
                                () -> now,
                                () -> revivable = new Revivable(new AdmissionProcessor(setup))),
                        properties,
                        now);
        requests = input(TOPICS.requests());
        settlements = input(TOPICS.settlements());
        budgets = input(TOPICS.budgets());
    }

    private TestInputTopic<byte[], byte[]> input(String topic) {
        return driver.createInputTopic(
                topic, new ByteArraySerializer(), new ByteArraySerializer(), now, Duration.ZERO);
    }

    /** A request for an answer of its own. */
    static AnalysisRequest request(String user, String id) {
        return AnalysisRequest.newBuilder()
                .setCache(CacheUse.BYPASS)
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
    void settle(Job job, String spent, String unconfirmed) {
        settlements.pipeInput(
                job.request().getUserId().toString().getBytes(StandardCharsets.UTF_8),
                settlement(job, spent, unconfirmed));
    }

    /** The worker's word on a job that has a result: what it cost, and what the model said. */
    void answer(Job job, String spent, String output) {
        GenericRecord result = new GenericData.Record(RESULT);
        ResultEnvelope envelope =
                ResultEnvelope.newBuilder()
                        .setRequestId(job.request().getRequestId())
                        .setUserId(job.request().getUserId())
                        .setAnalysis(job.request().getAnalysis())
                        .setModel(job.model())
                        .setResponseId("response-1")
                        .build();
        for (Schema.Field field : envelope.getSchema().getFields()) {
            result.put(field.name(), envelope.get(field.pos()));
        }
        result.put("completedAt", now.toEpochMilli());
        result.put("costUsd", amount(spent));
        result.put("unconfirmedUsd", amount("0"));
        result.put("calls", 2);
        result.put("output", output);
        ended(job, spent, null, serialized(TOPICS.results("seo"), result));
    }

    /** The same of a job that has none. */
    void fail(Job job, String spent, Reason reason) {
        DeadLetter letter =
                DeadLetter.newBuilder()
                        .setRequestId(job.request().getRequestId())
                        .setUserId(job.request().getUserId())
                        .setAnalysis(job.request().getAnalysis())
                        .setKind(Reasons.kind(reason))
                        .setReason(reason)
                        .setMessage("the answer was no good")
                        .setStage(Stage.WORKER)
                        .setCostUsd(new BigDecimal(spent).setScale(9))
                        .setCalls(2)
                        .setRawAnswers(List.of("garbage"))
                        .build();
        ended(job, spent, reason, serialized(TOPICS.deadLetters(), letter));
    }

    /** The same of a job that ended of what was its own. */
    void end(Job job, String spent, Reason reason) {
        ended(job, spent, reason, null);
    }

    private void ended(Job job, String spent, @Nullable Reason reason, byte @Nullable [] outcome) {
        Settlement settlement = built(job, spent, "0");
        settlement.setReason(reason);
        settlement.setContentKey(job.contentKey());
        settlement.setOutcome(outcome == null ? null : ByteBuffer.wrap(outcome));
        settlements.pipeInput(
                job.request().getUserId().toString().getBytes(StandardCharsets.UTF_8),
                serialized(TOPICS.settlements(), settlement));
    }

    private static ByteBuffer amount(String usd) {
        return ByteBuffer.wrap(new BigDecimal(usd).setScale(9).unscaledValue().toByteArray());
    }

    byte[] settlement(Job job, String spent, String unconfirmed) {
        return serialized(TOPICS.settlements(), built(job, spent, unconfirmed));
    }

    private static Settlement built(Job job, String spent, String unconfirmed) {
        return Settlement.newBuilder()
                .setReservationId(job.reservation().getReservationId())
                .setRequestId(job.request().getRequestId())
                .setUserId(job.request().getUserId())
                .setGeneration(job.generation())
                .setDay(job.reservation().getDay())
                .setReservedUsd(job.reservation().getCap())
                .setSpentUsd(new BigDecimal(spent).setScale(9))
                .setUnconfirmedUsd(new BigDecimal(unconfirmed).setScale(9))
                .build();
    }

    /** Limits of a user's own, from now on. */
    void limit(String user, @Nullable String dailyUsd, @Nullable Integer perHour) {
        change(
                user,
                user,
                OwnLimits.newBuilder()
                        .setDailyUsd(dailyUsd == null ? null : new BigDecimal(dailyUsd).setScale(9))
                        .setRequestsPerHour(perHour)
                        .build());
    }

    /** More for a user's day. */
    void add(String user, LocalDate day, String usd) {
        change(
                user,
                user + day + usd,
                Addition.newBuilder().setDay(day).setUsd(new BigDecimal(usd).setScale(9)).build());
    }

    private void change(String user, String key, Object change) {
        changeBudget(
                key,
                serialized(
                        TOPICS.budgets(),
                        BudgetChange.newBuilder().setUserId(user).setChange(change).build()));
    }

    /** Whatever is on the budgets topic. */
    void changeBudget(String key, byte[] value) {
        budgets.pipeInput(key.getBytes(StandardCharsets.UTF_8), value);
    }

    /** What another task has booked. */
    void tellTotal(TestRecord<byte[], byte[]> total) {
        input(TOPICS.totals()).pipeInput(total);
    }

    /** What is configured is in force again. */
    void takeBack(String user) {
        budgets.pipeInput(user.getBytes(StandardCharsets.UTF_8), (byte[]) null);
    }

    /** Bytes that are no settlement. */
    void settle(byte[] value) {
        settlements.pipeInput(value);
    }

    /** The task begins anew with what is in its store, before the next record. */
    void revive() {
        Objects.requireNonNull(revivable).due = true;
    }

    Instant now() {
        return now;
    }

    /** Somebody sets the clock back. */
    void stepBack(Duration step) {
        now = now.minus(step);
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
    List<Job> jobs() {
        return jobs(TOPICS.jobs(MODEL));
    }

    /** The same, of the bulk lane. */
    List<Job> bulkJobs() {
        return jobs(TOPICS.bulkJobs(MODEL));
    }

    private List<Job> jobs(String topic) {
        return records(topic).stream().map(record -> job(topic, record)).toList();
    }

    Job job(String topic, TestRecord<byte[], byte[]> record) {
        return new JobReader(connection, registry)
                .read(new ConsumerRecord<>(topic, 0, 0, record.key(), record.value()));
    }

    /** Results that admission published since this was asked last. */
    List<GenericRecord> results() {
        return records(TOPICS.results("seo")).stream()
                .map(record ->
                        connection
                                .genericDeserializer(registry)
                                .deserialize(TOPICS.results("seo"), record.value()))
                .toList();
    }

    /** Users' days as they were told, without those that are forgotten. */
    List<Spend> spends() {
        return records(TOPICS.spend()).stream()
                .filter(record -> record.value() != null)
                .map(record -> read(record, Spend.class))
                .toList();
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
