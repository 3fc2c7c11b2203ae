package dev.sluice.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.compute.ComputeObserver;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.guard.Clocks;
import dev.sluice.analysis.guard.DeploymentGuard;
import dev.sluice.analysis.guard.GuardedModel;
import dev.sluice.analysis.guard.RetryPolicy;
import dev.sluice.analysis.guard.Sleeper;
import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Reservation;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.job.JobReader;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.outcome.ContractPrices;
import dev.sluice.runtime.outcome.DeadLetterContent;
import dev.sluice.runtime.outcome.Outcome;
import dev.sluice.runtime.outcome.OutcomeWriter;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.consume.RunningJob;
import dev.sluice.worker.consume.TestAssignments;
import dev.sluice.worker.trace.JobTrace;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Runs jobs from their record to their outcome, with a model that returns any reply. */
class JobRunnerTest {
    private static final JobTrace UNTRACED =
            new JobTrace(RequestTraces.off(), new RecordHeaders(), Instant.EPOCH);

    private static final Topics TOPICS = new Topics("t.");
    private static final String MODEL_ID = "gpt-4.1-mini";
    private static final TopicPartition PARTITION = new TopicPartition(TOPICS.jobs(MODEL_ID), 0);
    private static final AnalysisCatalog ANALYSES =
            AnalysisCatalog.load(Optional.of(Path.of("../../analyses")));
    private static final Deployment DEPLOYMENT =
            new Deployment(
                    MODEL_ID,
                    "d",
                    MODEL_ID,
                    ModelTraits.of(MODEL_ID),
                    new Endpoint(
                            Provider.OPENAI,
                            URI.create("http://localhost"),
                            new Secret("key"),
                            MODEL_ID,
                            Duration.ofSeconds(1)),
                    ProviderLimits.unknown().with(Limit.REQUESTS, 600_000));

    private static ComputePool pool;
    private static EmbeddedRegistry server;
    private static SchemaRegistry registry;
    private static KafkaConnection connection;

    @BeforeContainer
    static void start() {
        pool = ComputePool.start(ComputeLimits.defaults(), ComputeObserver.NONE);
        server = EmbeddedRegistry.start();
        connection =
                new KafkaConnection(
                        Map.of(), Map.of("schema.registry.url", server.url()), TOPICS, 1 << 20);
        registry = connection.openRegistry();
    }

    @AfterContainer
    static void stop() {
        pool.close();
        registry.close();
        server.close();
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void everyReplyOfTheModelEndsItsJobAndNotTheWorker(@ForAll("replies") ModelReply reply)
            throws InterruptedException {
        Outcome outcome = run(request("support-ticket").build(), (_, _) -> CallResult.of(reply));

        assertThat(outcome.requestId()).isEqualTo("r-1");
        assertThat(outcome.records()).isNotEmpty();
    }

    @Example
    void jobWhoseAnalysisNoWorkerKnowsEndsAtItsDeadline() throws InterruptedException {
        AnalysisRequest late = request("nobody-knows").setDeadline(Instant.EPOCH).build();

        Outcome outcome = run(late, (_, _) -> CallResult.of(rejected()));

        assertThat(outcome.reason()).contains(Reason.DEADLINE_EXCEEDED);
        assertThat(letter(outcome).getMessage().toString())
                .isEqualTo(
                        "the deadline was 1970-01-01T00:00:00Z; until then no worker knew the"
                                + " analysis nobody-knows");
    }

    /** A record that is not a job must not stop the worker, even if it is repeated. */
    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void recordThatIsNotAJobBecomesADeadLetterAndStopsNothing(@ForAll("notJobs") byte[] value)
            throws InterruptedException {
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>(PARTITION.topic(), 0, 0, new byte[] {-1, 0}, value);

        Outcome outcome = run(record, (_, _) -> CallResult.of(rejected()));

        assertThat(outcome.reason()).contains(Reason.UNDECODABLE);
        assertThat(outcome.calls().rows()).isEmpty();
        SourceRecord original = (SourceRecord) letter(outcome).getOriginal();
        assertThat(original.getTopic()).hasToString(PARTITION.topic());
        assertThat(original.getValue()).isEqualTo(value == null ? null : ByteBuffer.wrap(value));
    }

    @Provide
    Arbitrary<byte[]> notJobs() {
        // A value that begins with 0 may be Avro in Confluent's wire format, and its schema may
        // still be registered.
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofMaxSize(300)
                .filter(bytes -> bytes.length < 5 || bytes[0] != 0)
                .injectNull(0.1);
    }

    /** The registry's current answer may be wrong although admission wrote the job correctly. */
    @Example
    void jobThatCannotBeReadWithItsSchemaWaitsAndIsNotLost() throws Exception {
        byte[] job = record(request("support-ticket").build()).value();
        ConsumerRecord<byte[], byte[]> cut =
                new ConsumerRecord<>(
                        PARTITION.topic(), 0, 0, new byte[0], Arrays.copyOf(job, job.length / 2));
        PartitionAssignment assignment = TestAssignments.of(PARTITION, MODEL_ID);
        RunningJob running = TestAssignments.begin(assignment, 0);
        JobRunner runner = runner((_, _) -> CallResult.of(rejected()));
        FutureTask<Outcome> outcome =
                new FutureTask<>(() -> runner.run(cut, assignment, running, UNTRACED));
        Thread thread = Thread.ofVirtual().start(outcome);

        await().until(() ->
                TestAssignments.stageOfOldest(assignment) == RunningJob.Stage.UNREADABLE);
        thread.interrupt();

        assertThatThrownBy(outcome::get).hasCauseInstanceOf(InterruptedException.class);
    }

    private static ModelReply rejected() {
        return new ModelReply.Rejected(400, "no", ModelReply.Because.REQUEST);
    }

    private static Outcome run(AnalysisRequest request, Model model) throws InterruptedException {
        return run(record(request), model);
    }

    private static Outcome run(ConsumerRecord<byte[], byte[]> record, Model model)
            throws InterruptedException {
        PartitionAssignment assignment = TestAssignments.of(PARTITION, MODEL_ID);
        RunningJob running = TestAssignments.begin(assignment, 0);
        return runner(model).run(record, assignment, running, UNTRACED);
    }

    private static JobRunner runner(Model model) {
        SteadyClock steady = new SteadyClock();
        DeploymentGuard guard = new DeploymentGuard(DEPLOYMENT, model, steady);
        GuardedModel guarded =
                new GuardedModel(
                        List.of(guard),
                        RetryPolicy.DEFAULT,
                        new Clocks(InstantSource.system(), steady),
                        Sleeper.sleeping(steady),
                        CallObserver.NONE);
        OutcomeWriter writer =
                new OutcomeWriter(
                        connection,
                        connection.serializer(registry),
                        ANALYSES,
                        DeadLetterContent.WHOLE,
                        InstantSource.system());
        return new JobRunner(
                new JobReader(connection, registry),
                ANALYSES,
                definition -> new Analyst(definition, guarded, pool),
                writer,
                Optional.empty(),
                new StoredAnswers(connection, registry));
    }

    private static ConsumerRecord<byte[], byte[]> record(AnalysisRequest request) {
        byte[] source = connection.serializer(registry).serialize(TOPICS.requests(), request);
        AnalysisJob job =
                AnalysisJob.newBuilder()
                        .setModel(MODEL_ID)
                        .setReservation(
                                Reservation.newBuilder()
                                        .setReservationId("v")
                                        .setDay(LocalDate.EPOCH)
                                        .setCap(new Cost(BigDecimal.TEN).usd())
                                        .setPrices(
                                                List.of(
                                                        ContractPrices.toContract(
                                                                PriceTable.shipped()
                                                                        .find(
                                                                                MODEL_ID,
                                                                                LocalDate.of(
                                                                                        2026, 11,
                                                                                        23))
                                                                        .orElseThrow())))
                                        .build())
                        .setSource(
                                SourceRecord.newBuilder()
                                        .setTopic(TOPICS.requests())
                                        .setPartition(0)
                                        .setOffset(0)
                                        .setTimestamp(Instant.now())
                                        .setValue(ByteBuffer.wrap(source))
                                        .build())
                        .build();
        byte[] value = connection.serializer(registry).serialize(PARTITION.topic(), job);
        return new ConsumerRecord<>(PARTITION.topic(), 0, 0, new byte[0], value);
    }

    private static AnalysisRequest.Builder request(String analysis) {
        return AnalysisRequest.newBuilder()
                .setRequestId("r-1")
                .setUserId("ann")
                .setAnalysis(analysis)
                .setContent("I cannot log in.")
                .setAttributes(Map.of());
    }

    private static DeadLetter letter(Outcome outcome) {
        return outcome.records().stream()
                .filter(record -> record.topic().equals(TOPICS.deadLetters()))
                .map(record ->
                        connection
                                .deserializer(registry, DeadLetter.class)
                                .deserialize(record.topic(), record.value()))
                .findFirst()
                .orElseThrow();
    }

    @Provide
    Arbitrary<ModelReply> replies() {
        Arbitrary<String> texts =
                Combinators.combine(
                                Arbitraries.of("a", "{", "[", "\"", "\u0000", "\ud800", "😀"),
                                Arbitraries.of(1, 300, 100_000, 2_000_000))
                        .as((unit, times) -> unit.repeat(times));
        Arbitrary<Long> tokens = Arbitraries.of(0L, 1L, 5_000_000_000_000L, Long.MAX_VALUE);
        Arbitrary<Optional<TokenUsage>> usages =
                Combinators.combine(tokens, tokens, tokens)
                        .as((in, part, out) -> TokenUsage.counted(in, part, part, out, out));
        Arbitrary<ModelReply> answered =
                Combinators.combine(texts, Arbitraries.of(FinishReason.class), usages, texts)
                        .as((text, finish, usage, id) ->
                                new ModelReply.Answered(text, finish, usage, id, RateLimits.NONE));
        Arbitrary<ModelReply> refused =
                Combinators.combine(texts, usages, texts).as(ModelReply.Refused::new);
        Arbitrary<ModelReply> rejected =
                Combinators.combine(Arbitraries.integers(), texts)
                        .as((status, text) ->
                                new ModelReply.Rejected(status, text, ModelReply.Because.REQUEST));
        return Arbitraries.oneOf(answered, refused, rejected);
    }
}
