package dev.sluice.runtime.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.ReplyFacts;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CanaryTrial;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Reason;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.Reservation;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.Topics;
import dev.sluice.contract.TrialOutcome;
import dev.sluice.contract.Validity;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.Stream;
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
import org.apache.kafka.clients.producer.ProducerRecord;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Every outcome can be written, whatever values come from outside. */
class OutcomeWriterTest {
    private static final int MAX_REQUEST_BYTES = 256 << 10;

    /** Bytes that topics accept beyond the size of a record. */
    private static final int FRAMING_BYTES = 64 << 10;

    private static final Topics TOPICS = new Topics("t.");
    private static final String ANALYSIS = "support-ticket";
    private static final AnalysisCatalog ANALYSES =
            AnalysisCatalog.load(Optional.of(Path.of("../../analyses")));
    private static final AnalysisDefinition DEFINITION = ANALYSES.find(ANALYSIS).orElseThrow();
    private static final BigDecimal MOST = Cost.MOST.usd();

    private static EmbeddedRegistry server;
    private static SchemaRegistry registry;
    private static KafkaConnection connection;
    private static OutcomeWriter writer;

    @BeforeContainer
    static void start() {
        server = EmbeddedRegistry.start();
        connection =
                new KafkaConnection(
                        Map.of(),
                        Map.of("schema.registry.url", server.url()),
                        TOPICS,
                        MAX_REQUEST_BYTES);
        registry = connection.openRegistry();
        writer = writer(ANALYSES);
    }

    private static OutcomeWriter writer(AnalysisCatalog analyses) {
        return new OutcomeWriter(
                connection,
                connection.serializer(registry),
                analyses,
                DeadLetterContent.WHOLE,
                InstantSource.fixed(Instant.EPOCH));
    }

    @AfterContainer
    static void stop() {
        registry.close();
        server.close();
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED)
    void everyFailureCanBeWritten(
            @ForAll("failures") Failure failure,
            @ForAll("answers") List<String> answers,
            @ForAll("calls") List<Call> calls) {
        Outcome outcome =
                writer.write(
                        job(), DEFINITION, new Analysis.Failed(failure, answers, calls), List.of());

        assertThat(outcome.reason()).contains(Reasons.of(failure));
        assertFits(outcome);
        assertBooked(outcome, calls);
    }

    @Property(tries = 100, shrinking = ShrinkingMode.BOUNDED)
    void everyResultCanBeWritten(
            @ForAll("texts") String summary, @ForAll("answeredCalls") List<Call> calls) {
        ObjectNode output = output().put("summary", summary);
        PreparedInput input = new PreparedInput("text", Integer.MAX_VALUE, Integer.MAX_VALUE, 0);

        Outcome outcome =
                writer.write(
                        job(), DEFINITION, new Analysis.Analysed(output, input, calls), List.of());

        assertFits(outcome);
        assertBooked(outcome, calls);
    }

    @Property(tries = 50, shrinking = ShrinkingMode.BOUNDED)
    void callsOfEarlierExecutionsAndLateCallsCanBeWritten(@ForAll("calls") List<Call> calls) {
        List<ModelCall> earlier = calls.stream().map(call -> CallRows.row(job(), call)).toList();

        assertFits(writer.internalError(job(), "a bug", calls, earlier));
        assertFits(writer.crashedWorker(job(), earlier));
        assertFits(writer.expired(job(), "waited", earlier));
        earlier.forEach(call -> assertFit(writer.late(call)));
    }

    @Example
    void amountsBeyondTheLargestAreBookedAtIt() {
        List<Call> calls = List.of(call(Long.MAX_VALUE, new BigDecimal("2e30"), Duration.ZERO, ""));

        Outcome outcome =
                writer.write(
                        job(),
                        DEFINITION,
                        new Analysis.Failed(new Failure.Bug("x"), List.of(), calls),
                        List.of());

        assertThat(settlement(outcome).getUnconfirmedUsd()).isEqualByComparingTo(MOST);
        assertThat(rows(outcome).getFirst().getCostUsd()).isEqualByComparingTo(MOST);
        assertThat(outcome.reason()).contains(Reason.INTERNAL_ERROR);
    }

    @Example
    void jobThatCountsForATrialReportsHowItEnded() {
        AnalysisDefinition canary =
                new AnalysisDefinition(
                        ANALYSIS,
                        "c0ffeec0ffee",
                        DEFINITION.instructions(),
                        DEFINITION.models(),
                        DEFINITION.input(),
                        DEFINITION.output());
        OutcomeWriter knowing =
                writer(
                        ANALYSES.with(
                                Map.of(ANALYSIS, new Canary(canary, 10, Canary.Unit.REQUEST))));
        List<Call> calls = List.of(call(1, BigDecimal.ONE, Duration.ofMillis(1_500), ""));
        Analysis failed = new Analysis.Failed(new Failure.Bug("x"), List.of(), calls);
        PreparedInput input = new PreparedInput("text", 4, 4, 4);
        Analysis analysed = new Analysis.Analysed(output().put("summary", "s"), input, calls);

        TrialOutcome ofCanary =
                settlement(knowing.write(counted("c0ffeec0ffee"), canary, analysed, List.of()))
                        .getTrial();
        assertThat(ofCanary.getTrial()).hasToString("t");
        assertThat(ofCanary.getIsCanary()).isTrue();
        assertThat(ofCanary.getValidity()).isEqualTo(Validity.REPAIRED);
        assertThat(ofCanary.getCallMillis()).isEqualTo(1_500);

        TrialOutcome ofCurrent =
                settlement(
                                knowing.write(
                                        counted(DEFINITION.fingerprint()),
                                        DEFINITION,
                                        failed,
                                        List.of()))
                        .getTrial();
        assertThat(ofCurrent.getIsCanary()).isFalse();
        assertThat(ofCurrent.getValidity()).isEqualTo(Validity.FAILED);

        // Whoever does not know the canary would have judged its jobs with the current version.
        TrialOutcome ofAnotherWorker =
                settlement(
                                writer.write(
                                        counted(DEFINITION.fingerprint()),
                                        DEFINITION,
                                        failed,
                                        List.of()))
                        .getTrial();
        assertThat(ofAnotherWorker.getValidity()).isEqualTo(Validity.UNKNOWN);
        assertThat(ofAnotherWorker.getCohort()).isEqualTo(7);
        assertThat(settlement(knowing.write(job(), DEFINITION, failed, List.of())).getTrial())
                .isNull();
    }

    private static Job counted(String version) {
        Job job = job();
        job.admitted().setAnalysisVersion(version);
        job.admitted()
                .setTrial(
                        CanaryTrial.newBuilder()
                                .setId("t")
                                .setCurrentVersion(DEFINITION.fingerprint())
                                .setCohort(7)
                                .setCanaryVersion("c0ffeec0ffee")
                                .build());
        return job;
    }

    @Example
    void traceContextIsCopiedToTheOutcomeAndItsCalls() {
        byte[] parent = {'0', '0', '-', (byte) 0xff};
        Job traced = job();
        traced.admitted()
                .getSource()
                .setHeaders(
                        List.of(
                                header("traceparent", parent),
                                header("tracestate", new byte[] {'a'}),
                                header("sluice-generation", new byte[] {'0'})));
        List<Call> calls = List.of(call(1, BigDecimal.ONE, Duration.ZERO, ""));
        Analysis failed = new Analysis.Failed(new Failure.Bug("x"), List.of(), calls);
        PreparedInput input = new PreparedInput("text", 4, 4, 4);
        Analysis analysed = new Analysis.Analysed(output().put("summary", "s"), input, calls);

        for (Analysis analysis : List.of(failed, analysed)) {
            Outcome outcome = writer.write(traced, DEFINITION, analysis, List.of());
            assertThat(outcome.records())
                    .filteredOn(record -> !record.topic().equals(TOPICS.settlements()))
                    .hasSize(2)
                    .allSatisfy(record -> {
                        assertThat(record.headers().lastHeader("traceparent").value())
                                .isEqualTo(parent);
                        assertThat(record.headers().lastHeader("tracestate")).isNotNull();
                        assertThat(record.headers().lastHeader("sluice-generation")).isNull();
                    });
        }
    }

    private static RecordHeader header(String key, byte[] value) {
        return RecordHeader.newBuilder().setKey(key).setValue(ByteBuffer.wrap(value)).build();
    }

    /** The booked amounts equal the provider's, up to the largest amount that a record holds. */
    private static void assertBooked(Outcome outcome, List<Call> calls) {
        BigDecimal booked =
                rows(outcome).stream()
                        .map(ModelCall::getCostUsd)
                        .reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal cost =
                calls.stream()
                        .map(call -> call.cost().usd().min(MOST))
                        .reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(booked).isEqualByComparingTo(cost);
        Settlement settlement = settlement(outcome);
        if (booked.compareTo(MOST) <= 0) {
            assertThat(settlement.getSpentUsd().add(settlement.getUnconfirmedUsd()))
                    .isEqualByComparingTo(booked);
        }
    }

    private static void assertFits(Outcome outcome) {
        assertFit(outcome.records());
    }

    private static void assertFit(List<ProducerRecord<byte[], byte[]>> records) {
        assertThat(records)
                .isNotEmpty()
                .allSatisfy(record -> {
                    boolean internal =
                            record.topic().equals(TOPICS.deadLetters())
                                    || record.topic().equals(TOPICS.settlements());
                    assertThat(size(record))
                            .as(record.topic())
                            .isLessThanOrEqualTo(
                                    (internal ? connection.maxInternalBytes() : MAX_REQUEST_BYTES)
                                            + FRAMING_BYTES);
                });
    }

    private static int size(ProducerRecord<byte[], byte[]> record) {
        int headers =
                Stream.of(record.headers().toArray())
                        .mapToInt(header -> header.key().length() + header.value().length)
                        .sum();
        return record.key().length + record.value().length + headers;
    }

    private static Settlement settlement(Outcome outcome) {
        return read(outcome, TOPICS.settlements(), Settlement.class).getFirst();
    }

    private static List<ModelCall> rows(Outcome outcome) {
        return read(outcome, TOPICS.calls(), ModelCall.class);
    }

    private static <T> List<T> read(Outcome outcome, String topic, Class<T> type) {
        var deserializer = connection.deserializer(registry, type);
        return outcome.records().stream()
                .filter(record -> record.topic().equals(topic))
                .map(record -> deserializer.deserialize(topic, record.value()))
                .toList();
    }

    @Provide
    Arbitrary<String> texts() {
        return Combinators.combine(
                        Arbitraries.of("a", "é", "😀", "\u0000", "\n", "\ud800", "\udc00x"),
                        Arbitraries.of(1, 20, 700, 70_000, 2_000_000))
                .as((unit, times) -> unit.repeat(times));
    }

    @Provide
    Arbitrary<List<String>> answers() {
        return texts().list().ofMaxSize(3);
    }

    @Provide
    Arbitrary<Failure> failures() {
        Arbitrary<Failure> said =
                Arbitraries.oneOf(
                        texts().map(Failure.RejectedByProvider::new),
                        texts().map(Failure.RetriesExhausted::new),
                        texts().map(Failure.RefusedByModel::new),
                        texts().map(Failure.Bug::new));
        Arbitrary<Failure> invalid =
                Combinators.combine(texts(), Arbitraries.of(1, 3, 200))
                        .as((text, count) -> violated(text, text.length() > 700 ? 3 : count));
        return Arbitraries.oneOf(said, invalid);
    }

    private static Failure violated(String text, int count) {
        return new Failure.InvalidOutput(
                Stream.generate(() -> new Violation(text, text, text)).limit(count).toList());
    }

    @Provide
    Arbitrary<List<Call>> calls() {
        return anyCall().list().ofMaxSize(5);
    }

    @Provide
    Arbitrary<List<Call>> answeredCalls() {
        return anyCall().list().ofMinSize(1).ofMaxSize(5);
    }

    private Arbitrary<Call> anyCall() {
        Arbitrary<Long> tokens =
                Arbitraries.oneOf(
                        Arbitraries.of(0L, 1L, Long.MAX_VALUE, Long.MAX_VALUE / 2),
                        Arbitraries.longs().greaterOrEqual(0));
        Arbitrary<BigDecimal> costs =
                Arbitraries.of(
                        BigDecimal.ZERO,
                        new BigDecimal("0.000000001"),
                        new BigDecimal("0.0004"),
                        MOST,
                        new BigDecimal("1000000000"),
                        new BigDecimal("5e20"),
                        new BigDecimal("1e400"));
        Arbitrary<Duration> durations =
                Arbitraries.of(
                        Duration.ZERO,
                        Duration.ofDays(400),
                        Duration.ofSeconds(Long.MAX_VALUE),
                        Duration.ofSeconds(Long.MIN_VALUE));
        return Combinators.combine(tokens, costs, durations, texts()).as(OutcomeWriterTest::call);
    }

    private static Call call(long tokens, BigDecimal cost, Duration duration, String text) {
        Call.Status[] statuses = Call.Status.values();
        return new Call(
                UUID.randomUUID(),
                Integer.MAX_VALUE,
                Call.Purpose.REPAIR,
                DEPLOYMENT,
                new Call.Ending(
                        statuses[Math.floorMod(text.length() + (int) tokens, statuses.length)],
                        OptionalInt.of((int) tokens),
                        Optional.of(text),
                        Optional.of(text)),
                new ReplyFacts(text, text, text, text),
                new TokenUsage(tokens, tokens, tokens, tokens, tokens, tokens),
                new Cost(cost),
                Instant.EPOCH,
                duration);
    }

    private static final Deployment DEPLOYMENT =
            new Deployment(
                    "m",
                    "d",
                    "gpt-4.1-mini",
                    ModelTraits.of("gpt-4.1-mini"),
                    new Endpoint(
                            Provider.OPENAI,
                            URI.create("http://localhost"),
                            new Secret("key"),
                            "m",
                            Duration.ofSeconds(1)),
                    ProviderLimits.unknown());

    private static ObjectNode output() {
        return (ObjectNode)
                JsonMapper.shared()
                        .readTree(
                                """
                                {"category": "bug", "urgency": "low", "product_area": null,
                                 "routing": {"team": "frontline", "needs_human": true,
                                  "needs_reply_within_hours": 5},
                                 "sentiment": "neutral", "summary": "", "confidence": 1e-300}
                                """);
    }

    private static Job job() {
        AnalysisRequest request =
                AnalysisRequest.newBuilder()
                        .setRequestId("é".repeat(256))
                        .setUserId("😀".repeat(128))
                        .setAnalysis(ANALYSIS)
                        .setContent("x".repeat(1_000))
                        .setAttributes(Map.of("k", "\u0007".repeat(16_000)))
                        .build();
        return new Job(
                AnalysisJob.newBuilder()
                        .setModel("m")
                        .setContentKey(ByteBuffer.wrap(new byte[32]))
                        .setReservation(
                                Reservation.newBuilder()
                                        .setReservationId("v")
                                        .setDay(LocalDate.EPOCH)
                                        .setCap(MOST)
                                        .build())
                        .setSource(
                                SourceRecord.newBuilder()
                                        .setTopic(TOPICS.requests())
                                        .setPartition(0)
                                        .setOffset(Long.MAX_VALUE)
                                        .setTimestamp(Instant.ofEpochMilli(Long.MIN_VALUE))
                                        .setValue(
                                                ByteBuffer.wrap(
                                                        new byte[4 * MAX_REQUEST_BYTES - 2_000]))
                                        .build())
                        .build(),
                request);
    }
}
