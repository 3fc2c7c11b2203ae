package dev.sluice.runtime.outcome;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.InputExtent;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Reason;
import dev.sluice.contract.ResultEnvelope;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.Stage;
import dev.sluice.contract.Violation;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.result.ResultType;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SerializationException;

/** Turns the end of a job into the records of its outcome. Safe for use by many threads. */
public final class OutcomeWriter {
    /**
     * Largest outcome that is shared with identical requests, because shared outcomes are kept in
     * admission's state.
     */
    private static final int MAX_SHARED_BYTES = 256 << 10;

    /** Longest message; it may quote a provider. */
    private static final int MESSAGE_CHARACTERS = 4_096;

    /** Longest path, rule and message of a violation; they may quote an answer. */
    private static final int VIOLATION_CHARACTERS = 1_024;

    /**
     * Reasons that concern only this job, so its dead letter is not shared with identical requests.
     */
    private static final Set<Reason> NOT_SHARED =
            EnumSet.of(Reason.DEADLINE_EXCEEDED, Reason.CAP_EXHAUSTED, Reason.CANCELLED);

    private final KafkaConnection connection;
    private final ConfluentAvroSerializer<Object> serializer;
    private final DeadLetterWriter deadLetters;
    private final Map<String, ResultType> resultTypes = new HashMap<>();
    private final InstantSource clock;

    public OutcomeWriter(
            KafkaConnection connection,
            ConfluentAvroSerializer<Object> serializer,
            AnalysisCatalog analyses,
            InstantSource clock) {
        this.connection = connection;
        this.serializer = serializer;
        this.deadLetters =
                new DeadLetterWriter(
                        connection.topics(), serializer, connection.maxInternalBytes());
        this.clock = clock;
        for (AnalysisDefinition definition : analyses.all()) {
            resultTypes.put(
                    definition.name(),
                    ResultType.of(definition.name(), definition.output().schema().tree()));
        }
    }

    /**
     * Checks that results can be written, before any job pays for one.
     *
     * @throws SerializationException if the registry rejects the schema of an analysis's results
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached
     */
    public void requireSchemas() {
        resultTypes.forEach((analysis, type) -> {
            String topic = connection.topics().results(analysis);
            try {
                serializer.require(topic, type.schema());
            } catch (SerializationException e) {
                if (RegistryOutage.is(e)) {
                    throw e;
                }
                throw new SerializationException(
                        "results of "
                                + analysis
                                + " cannot be written to "
                                + topic
                                + ": "
                                + e.getMessage()
                                + ". Make new fields of its output schema optional, allow the"
                                + " change in the registry, or give the analysis another name",
                        e);
            }
        });
    }

    /**
     * The outcome of an analysis.
     *
     * @param earlier calls of the job's earlier executions
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: try again later
     */
    public Outcome write(
            Job job, AnalysisDefinition definition, Analysis analysis, List<ModelCall> earlier) {
        CallRows calls = CallRows.of(job, earlier, analysis.calls());
        return switch (analysis) {
            case Analysis.Analysed analysed -> result(job, definition, analysed, calls);
            case Analysis.Failed failed ->
                    deadLetter(
                            job,
                            Reasons.of(failed.failure()),
                            failed.failure().message(),
                            failed.answers(),
                            violations(failed.failure()),
                            calls);
        };
    }

    /**
     * The outcome of a job that a bug in the worker ended.
     *
     * @param calls calls made before the bug
     * @param earlier calls of the job's earlier executions
     */
    public Outcome internalError(
            Job job, String message, List<Call> calls, List<ModelCall> earlier) {
        return deadLetter(
                job,
                Reason.INTERNAL_ERROR,
                message,
                List.of(),
                List.of(),
                CallRows.of(job, earlier, calls));
    }

    /** Whether a job's deadline has passed. */
    public boolean isExpired(Job job) {
        return !clock.instant().isBefore(Deadlines.of(job));
    }

    /**
     * The outcome of a job that waited until its deadline had passed.
     *
     * @param waited what it waited for, for the message
     * @param earlier calls of the job's earlier executions
     */
    public Outcome expired(Job job, String waited, List<ModelCall> earlier) {
        return deadLetter(
                job,
                Reason.DEADLINE_EXCEEDED,
                "the deadline was " + Deadlines.of(job) + "; until then " + waited,
                List.of(),
                List.of(),
                new CallRows(earlier));
    }

    /** The outcome of a record on a jobs topic that is not a job. */
    public Outcome undecodable(ConsumerRecord<byte[], byte[]> record, String message) {
        return new UndecodableJobs(deadLetters, clock)
                .outcome(record, FieldLimits.text(message, MESSAGE_CHARACTERS));
    }

    /**
     * The outcome of a job during which workers crash.
     *
     * @param earlier calls of the job's earlier executions
     */
    public Outcome crashedWorker(Job job, List<ModelCall> earlier) {
        return deadLetter(
                job,
                Reason.CRASHED_WORKER,
                "several workers crashed during this job, the last one while it ran no other"
                        + " job",
                List.of(),
                List.of(),
                new CallRows(earlier));
    }

    /**
     * The records of a call that was found after its job's outcome was published: its row and a
     * settlement.
     */
    public List<ProducerRecord<byte[], byte[]>> late(ModelCall call) {
        CallRows calls = new CallRows(List.of(call));
        byte[] user = utf8(call.getUserId());
        Settlement settlement =
                Settlement.newBuilder()
                        .setReservationId(call.getReservationId())
                        .setRequestId(call.getRequestId())
                        .setUserId(call.getUserId())
                        .setGeneration(call.getGeneration())
                        .setDay(call.getDay())
                        .setReservedUsd(BigDecimal.ZERO.setScale(9))
                        .setSpentUsd(calls.spent())
                        .setUnconfirmedUsd(calls.unconfirmed())
                        .setLateCallId(call.getCallId())
                        .setAnalysis(call.getAnalysis())
                        .setSettledAt(clock.instant())
                        .build();
        return List.of(
                to(connection.topics().calls(), user, call),
                to(connection.topics().settlements(), user, settlement));
    }

    private Outcome result(
            Job job, AnalysisDefinition definition, Analysis.Analysed analysed, CallRows calls) {
        AnalysisRequest request = job.request();
        String topic = connection.topics().results(definition.name());
        ResultType type = resultType(definition.name());
        byte[] value =
                bytes(
                        topic,
                        type.result(envelope(job, definition, analysed, calls), analysed.output()));
        if (value.length > connection.maxRequestBytes()) {
            return deadLetter(
                    job,
                    Reason.OUTPUT_TOO_LARGE,
                    "the result has "
                            + value.length
                            + " bytes, allowed are "
                            + connection.maxRequestBytes(),
                    List.of(analysed.output().toString()),
                    List.of(),
                    calls);
        }
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(
                new ProducerRecord<>(
                        topic,
                        null,
                        utf8(request.getRequestId()),
                        value,
                        TraceContext.of(job.admitted().getSource())));
        addCallsAndSettlement(job, calls, Optional.empty(), () -> value, records);
        return new Outcome(
                request.getRequestId().toString(),
                request.getUserId().toString(),
                definition.name(),
                calls,
                Optional.empty(),
                records);
    }

    private Outcome deadLetter(
            Job job,
            Reason reason,
            String message,
            List<String> answers,
            List<Violation> violations,
            CallRows calls) {
        AnalysisRequest request = job.request();
        DeadLetter letter =
                DeadLetter.newBuilder()
                        .setRequestId(request.getRequestId())
                        .setUserId(request.getUserId())
                        .setGeneration(job.generation())
                        .setAnalysis(request.getAnalysis())
                        .setAnalysisVersion(job.admitted().getAnalysisVersion())
                        .setKind(Reasons.kind(reason))
                        .setReason(reason)
                        .setMessage(FieldLimits.text(message, MESSAGE_CHARACTERS))
                        .setStage(Stage.WORKER)
                        .setModel(job.model())
                        .setAttributes(request.getAttributes())
                        .setRunId(request.getRunId())
                        .setSubmittedAt(request.getSubmittedAt())
                        .setFailedAt(clock.instant())
                        .setUsage(calls.usage())
                        .setCostUsd(calls.spent())
                        .setUnconfirmedUsd(calls.unconfirmed())
                        .setCalls(calls.rows().size())
                        .setRawAnswers(List.copyOf(answers))
                        .setViolations(violations)
                        .setOriginal(job.admitted().getSource())
                        .build();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(deadLetters.record(letter));
        addCallsAndSettlement(
                job, calls, Optional.of(reason), () -> withoutOriginal(letter), records);
        return new Outcome(
                request.getRequestId().toString(),
                request.getUserId().toString(),
                request.getAnalysis().toString(),
                calls,
                Optional.of(reason),
                records);
    }

    /** The dead letter without its original, because an identical request has its own original. */
    private byte[] withoutOriginal(DeadLetter letter) {
        return bytes(
                connection.topics().deadLetters(),
                DeadLetter.newBuilder(letter).setOriginal(null).build());
    }

    /**
     * The outcome to share with identical requests; empty if the request does not share, the reason
     * concerns only this job, or the outcome is too large.
     */
    private static Optional<ByteBuffer> shared(
            Job job, Optional<Reason> reason, Supplier<byte[]> outcome) {
        if (job.contentKey() == null || reason.filter(NOT_SHARED::contains).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(ByteBuffer.wrap(outcome.get()))
                .filter(value -> value.remaining() <= MAX_SHARED_BYTES);
    }

    /**
     * Adds one row per call, and the settlement of the reservation.
     *
     * @param outcome supplies the value of the published result or dead letter
     */
    private void addCallsAndSettlement(
            Job job,
            CallRows calls,
            Optional<Reason> reason,
            Supplier<byte[]> outcome,
            List<ProducerRecord<byte[], byte[]>> records) {
        byte[] user = utf8(job.request().getUserId());
        String callsTopic = connection.topics().calls();
        for (ModelCall call : calls.rows()) {
            records.add(
                    new ProducerRecord<>(
                            callsTopic,
                            null,
                            user,
                            bytes(callsTopic, call),
                            TraceContext.of(job.admitted().getSource())));
        }
        String settlementsTopic = connection.topics().settlements();
        Settlement settlement =
                Settlement.newBuilder()
                        .setReservationId(job.reservation().getReservationId())
                        .setRequestId(job.request().getRequestId())
                        .setUserId(job.request().getUserId())
                        .setGeneration(job.generation())
                        .setDay(job.reservation().getDay())
                        .setReservedUsd(job.reservation().getCap())
                        .setSpentUsd(calls.spent())
                        .setUnconfirmedUsd(calls.unconfirmed())
                        .setReason(reason.orElse(null))
                        .setContentKey(job.contentKey())
                        .setOutcome(shared(job, reason, outcome).orElse(null))
                        .setSettledAt(clock.instant())
                        .build();
        records.add(to(settlementsTopic, user, settlement));
    }

    private ResultEnvelope envelope(
            Job job, AnalysisDefinition definition, Analysis.Analysed analysed, CallRows calls) {
        AnalysisRequest request = job.request();
        Call accepted = analysed.calls().getLast();
        PreparedInput input = analysed.input();
        return ResultEnvelope.newBuilder()
                .setRequestId(request.getRequestId())
                .setUserId(request.getUserId())
                .setGeneration(job.generation())
                .setAnalysis(definition.name())
                .setAnalysisVersion(definition.fingerprint())
                .setModel(accepted.deployment().model())
                .setModelId(accepted.deployment().modelId())
                .setResponseId(accepted.ending().responseId().orElse(null))
                .setAttributes(request.getAttributes())
                .setRunId(request.getRunId())
                .setSubmittedAt(request.getSubmittedAt())
                .setCompletedAt(clock.instant())
                .setInput(
                        InputExtent.newBuilder()
                                .setOriginalCharacters(input.originalCharacters())
                                .setReducedCharacters(input.reducedCharacters())
                                .setKeptCharacters(input.keptCharacters())
                                .setTruncated(input.truncated())
                                .build())
                .setUsage(calls.usage())
                .setCostUsd(calls.spent())
                .setUnconfirmedUsd(calls.unconfirmed())
                .setCalls(calls.rows().size())
                .setRepairs(calls.repairs())
                .build();
    }

    private static List<Violation> violations(Failure failure) {
        if (!(failure instanceof Failure.InvalidOutput invalid)) {
            return List.of();
        }
        return invalid.violations().stream()
                .map(violation ->
                        Violation.newBuilder()
                                .setPath(FieldLimits.text(violation.path(), VIOLATION_CHARACTERS))
                                .setRule(FieldLimits.text(violation.rule(), VIOLATION_CHARACTERS))
                                .setMessage(
                                        FieldLimits.text(violation.message(), VIOLATION_CHARACTERS))
                                .build())
                .toList();
    }

    private ResultType resultType(String analysis) {
        return Optional.ofNullable(resultTypes.get(analysis))
                .orElseThrow(() -> new IllegalStateException("no result type of " + analysis));
    }

    private ProducerRecord<byte[], byte[]> to(String topic, byte[] key, Object value) {
        return new ProducerRecord<>(topic, key, bytes(topic, value));
    }

    private byte[] bytes(String topic, Object value) {
        byte[] bytes = serializer.serialize(topic, value);
        if (bytes == null) {
            throw new IllegalStateException("nothing to write to " + topic);
        }
        return bytes;
    }

    private static byte[] utf8(CharSequence text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
