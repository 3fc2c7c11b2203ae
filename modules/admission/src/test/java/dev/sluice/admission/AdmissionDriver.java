package dev.sluice.admission;

import dev.sluice.admission.canary.Trials;
import dev.sluice.admission.decide.AdmissionDecider;
import dev.sluice.admission.decide.TickBudget;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.admission.outage.RegistryQueue;
import dev.sluice.admission.settle.SettlementReader;
import dev.sluice.admission.validate.RecordDecoder;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.Addition;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.BudgetChange;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.OwnLimits;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.Spend;
import dev.sluice.contract.Topics;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.job.JobReader;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.ThrottledLog;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.telemetry.RecentDeadLetters;
import dev.sluice.runtime.telemetry.Telemetry;
import dev.sluice.runtime.trace.RequestTraces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs admission's topology without brokers, on a clock that the test sets. As a JUnit extension it
 * closes itself after each test.
 */
final class AdmissionDriver implements AfterEachCallback, AutoCloseable {
    static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
    static final String MODEL = "gpt-4.1-mini";
    static final int MAX_WAITING = 20;

    final EmbeddedRegistry server = EmbeddedRegistry.start();
    final SettlingWorker worker;
    final AtomicLong pending = new AtomicLong();
    final AtomicLong unreadable = new AtomicLong();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final RecentDeadLetters deadLetters = new RecentDeadLetters();

    /** The steady clock of {@link #turns}. */
    Instant steady = Instant.EPOCH;

    final TaskTurns turns = new TaskTurns(() -> steady);

    /** Used from the next {@link #open} on. */
    RequestTraces traces = RequestTraces.off();

    /** Used from the next {@link #open} on. */
    AnalysisCatalog analyses = AnalysisCatalog.load(Optional.empty());

    private final Path state;
    private final KafkaConnection connection;
    private final SchemaRegistry registry;
    private Instant now;
    private TopologyTestDriver driver;
    private @Nullable RevivableProcessor processor;
    private TestInputTopic<byte[], byte[]> requests;
    private TestInputTopic<byte[], byte[]> settlements;
    private TestInputTopic<byte[], byte[]> budgets;
    private TestInputTopic<byte[], byte[]> repartitioned;

    AdmissionDriver(Instant now) {
        try {
            this.state = Files.createTempDirectory("admission");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.now = now;
        this.connection =
                new KafkaConnection(
                        Map.of(),
                        Map.of("schema.registry.url", server.url(), "max.retries", 0),
                        TOPICS,
                        1 << 20);
        this.registry = connection.openRegistry();
        this.worker =
                new SettlingWorker(
                        connection,
                        registry,
                        TOPICS,
                        () -> this.now,
                        (key, value) -> settlements.pipeInput(key, value));
    }

    /** Opens a driver with one partition, the shipped prices and the given budgets. */
    static AdmissionDriver open(Instant now, Budgets budgets) {
        AdmissionDriver admission = new AdmissionDriver(now);
        admission.open(PriceTable.shipped(), budgets, 1);
        return admission;
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
                AdmissionSettings.defaults(state, Map.of(MODEL, List.of(MODEL)), limits)
                        .withStandbys(0)
                        .withMaxSharedBytes(1 << 20);
        UserPartitioner partitioner = new UserPartitioner(partitions);
        AdmissionDecider.Rules rules =
                Admission.rules(connection, registry, settings, analyses, prices, () -> now);
        AdmissionTopology.Exchanges exchanges =
                new AdmissionTopology.Exchanges(
                        !limits.ceilings().isEmpty(), !rules.trials().isEmpty());
        AdmissionParts parts =
                new AdmissionParts(
                        TOPICS,
                        partitioner,
                        rules,
                        exchanges,
                        new SettlementReader(
                                connection.deserializer(registry, Settlement.class), () -> now),
                        new RecordDecoder<>(connection.deserializer(registry, BudgetChange.class)),
                        connection.serializer(registry),
                        metrics(limits.ceilings(), rules.trials()),
                        turns,
                        new AdmissionTraces(traces, () -> now),
                        () -> now,
                        settings.probeInterval(),
                        ThreadLocal.withInitial(TickBudget::new));
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
                                partitioner,
                                exchanges,
                                () -> now,
                                () ->
                                        processor =
                                                new RevivableProcessor(
                                                        new AdmissionProcessor(parts))),
                        properties,
                        now);
        requests = input(TOPICS.requests());
        settlements = input(TOPICS.settlements());
        budgets = input(TOPICS.budgets());
        repartitioned = input(TOPICS.repartitionedRequests());
    }

    private AdmissionMetrics metrics(Ceilings ceilings, Trials trials) {
        meters.clear();
        AdmissionMetrics metrics =
                new AdmissionMetrics(
                        new Telemetry(new SluiceMetrics(meters), RequestTraces.off(), deadLetters),
                        new RegistryQueue.Totals(
                                pending, unreadable, new ThrottledLog(() -> this.now)),
                        () -> now);
        metrics.register(ceilings);
        metrics.register(trials);
        return metrics;
    }

    private TestInputTopic<byte[], byte[]> input(String topic) {
        return driver.createInputTopic(
                topic, new ByteArraySerializer(), new ByteArraySerializer(), now, Duration.ZERO);
    }

    /** A request that does not share an outcome. */
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

    /** Writes any bytes to the settlements topic. */
    void settle(byte[] value) {
        settlements.pipeInput(value);
    }

    /** Sets own limits of a user. */
    void limit(String user, @Nullable String dailyUsd, @Nullable Integer perHour) {
        changeBudget(
                user,
                change(
                        user,
                        OwnLimits.newBuilder()
                                .setDailyUsd(
                                        dailyUsd == null
                                                ? null
                                                : new BigDecimal(dailyUsd).setScale(9))
                                .setRequestsPerHour(perHour)
                                .build()));
    }

    /** Adds to a user's budget for one day. */
    void add(String user, LocalDate day, String usd) {
        changeBudget(user + day + usd, addition(user, day, usd));
    }

    /** The record value of such an addition. */
    byte[] addition(String user, LocalDate day, String usd) {
        return change(
                user,
                Addition.newBuilder().setDay(day).setUsd(new BigDecimal(usd).setScale(9)).build());
    }

    private byte[] change(String user, Object change) {
        return serialized(
                TOPICS.budgets(),
                BudgetChange.newBuilder().setUserId(user).setChange(change).build());
    }

    /** Writes any key and value to the budgets topic. */
    void changeBudget(@Nullable String key, byte @Nullable [] value) {
        budgets.pipeInput(key == null ? null : key.getBytes(StandardCharsets.UTF_8), value);
    }

    /** Writes any bytes to the topic of requests forwarded to their owner partition. */
    void forwarded(byte @Nullable [] value) {
        repartitioned.pipeInput(value);
    }

    /** Publishes the bookings of another task. */
    void publishTotal(TestRecord<byte[], byte[]> total) {
        input(TOPICS.totals()).pipeInput(total);
    }

    /** Publishes the counts of another task of a trial. */
    void publishTrial(byte[] key, byte[] value) {
        input(TOPICS.trials()).pipeInput(key, value);
    }

    /** Removes the own limits of a user. */
    void removeLimits(String user) {
        budgets.pipeInput(user.getBytes(StandardCharsets.UTF_8), (byte[]) null);
    }

    /** Erases a record of the topic of budgets. */
    void erase(String key) {
        budgets.pipeInput(
                new TestRecord<>(
                        key.getBytes(StandardCharsets.UTF_8),
                        null,
                        new RecordHeaders().add(HeaderNames.ERASED, new byte[0])));
    }

    /** Restarts the task with its stored state, before the next record. */
    void restart() {
        Objects.requireNonNull(processor).restart();
    }

    Instant now() {
        return now;
    }

    /** Sets the clock back. */
    void setClockBack(Duration step) {
        now = now.minus(step);
    }

    /** Advances the clock, for records and for timers. */
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

    /** Interactive jobs since the last call. */
    List<Job> jobs() {
        return jobs(TOPICS.jobs(MODEL));
    }

    /** Bulk jobs since the last call. */
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

    /** Results that admission has published since the last call. */
    List<GenericRecord> results() {
        return records(TOPICS.results("seo")).stream()
                .map(record ->
                        connection
                                .genericDeserializer(registry)
                                .deserialize(TOPICS.results("seo"), record.value()))
                .toList();
    }

    /** Published days of users since the last call, without deletions. */
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
    public void afterEach(ExtensionContext test) {
        close();
    }

    @Override
    public void close() {
        driver.close();
        registry.close();
        server.close();
        try {
            Utils.delete(state.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
