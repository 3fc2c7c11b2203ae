package dev.sluice.runtime.outcome;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.Call;
import dev.sluice.analysis.Failure;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CallPurpose;
import dev.sluice.contract.CallStatus;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.InputExtent;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Reason;
import dev.sluice.contract.ResultEnvelope;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.Stage;
import dev.sluice.contract.Violation;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.result.ResultType;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes down what a job ended in. Safe for use by many threads. */
public final class OutcomeWriter {
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
     * The records of a job's outcome.
     *
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: try again later
     */
    public Outcome write(AnalysisJob job, AnalysisDefinition definition, Analysis analysis) {
        return switch (analysis) {
            case Analysis.Analysed analysed -> result(job, definition, analysed);
            case Analysis.Failed failed ->
                    deadLetter(
                            job,
                            Reasons.of(failed.failure()),
                            failed.failure().message(),
                            failed.answers(),
                            violations(failed.failure()),
                            failed.calls());
        };
    }

    /** The records of a job that a bug in the worker ended, with the calls made until then. */
    public Outcome internalError(AnalysisJob job, String message, List<Call> calls) {
        return deadLetter(job, Reason.INTERNAL_ERROR, message, List.of(), List.of(), calls);
    }

    private Outcome result(
            AnalysisJob job, AnalysisDefinition definition, Analysis.Analysed analysed) {
        AnalysisRequest request = job.getRequest();
        String topic = connection.topics().results(definition.name());
        ResultType type = resultType(definition.name());
        byte[] value =
                bytes(topic, type.result(envelope(job, definition, analysed), analysed.output()));
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
                    analysed.calls());
        }
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(new ProducerRecord<>(topic, utf8(request.getRequestId()), value));
        addBooks(job, analysed.calls(), Optional.empty(), records);
        return new Outcome(
                request.getRequestId().toString(), definition.name(), Optional.empty(), records);
    }

    private Outcome deadLetter(
            AnalysisJob job,
            Reason reason,
            String message,
            List<String> answers,
            List<Violation> violations,
            List<Call> calls) {
        AnalysisRequest request = job.getRequest();
        DeadLetter letter =
                DeadLetter.newBuilder()
                        .setRequestId(request.getRequestId())
                        .setUserId(request.getUserId())
                        .setGeneration(job.getGeneration())
                        .setAnalysis(request.getAnalysis())
                        .setAnalysisVersion(job.getAnalysisVersion())
                        .setKind(Reasons.kind(reason))
                        .setReason(reason)
                        .setMessage(message)
                        .setStage(Stage.WORKER)
                        .setModel(job.getModel())
                        .setAttributes(request.getAttributes())
                        .setRunId(request.getRunId())
                        .setSubmittedAt(request.getSubmittedAt())
                        .setFailedAt(clock.instant())
                        .setUsage(usage(total(calls)))
                        .setCostUsd(cost(calls, false).usd())
                        .setUnconfirmedUsd(cost(calls, true).usd())
                        .setCalls(calls.size())
                        .setRawAnswers(List.copyOf(answers))
                        .setViolations(violations)
                        .setOriginal(job.getSource())
                        .build();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(deadLetters.record(letter));
        addBooks(job, calls, Optional.of(reason), records);
        return new Outcome(
                request.getRequestId().toString(),
                request.getAnalysis().toString(),
                Optional.of(reason),
                records);
    }

    /** One row per call and the settlement of the reservation. */
    private void addBooks(
            AnalysisJob job,
            List<Call> calls,
            Optional<Reason> reason,
            List<ProducerRecord<byte[], byte[]>> records) {
        byte[] user = utf8(job.getRequest().getUserId());
        String callsTopic = connection.topics().calls();
        for (Call call : calls) {
            records.add(
                    new ProducerRecord<>(
                            callsTopic, user, bytes(callsTopic, modelCall(job, call))));
        }
        String settlementsTopic = connection.topics().settlements();
        Settlement settlement =
                Settlement.newBuilder()
                        .setReservationId(job.getReservation().getReservationId())
                        .setRequestId(job.getRequest().getRequestId())
                        .setUserId(job.getRequest().getUserId())
                        .setGeneration(job.getGeneration())
                        .setDay(job.getReservation().getDay())
                        .setReservedUsd(job.getReservation().getCap())
                        .setSpentUsd(cost(calls, false).usd())
                        .setUnconfirmedUsd(cost(calls, true).usd())
                        .setReason(reason.orElse(null))
                        .setSettledAt(clock.instant())
                        .build();
        records.add(
                new ProducerRecord<>(settlementsTopic, user, bytes(settlementsTopic, settlement)));
    }

    private ResultEnvelope envelope(
            AnalysisJob job, AnalysisDefinition definition, Analysis.Analysed analysed) {
        AnalysisRequest request = job.getRequest();
        Call accepted = analysed.calls().getLast();
        PreparedInput input = analysed.input();
        long repairs =
                analysed.calls().stream()
                        .filter(call -> call.purpose() == Call.Purpose.REPAIR)
                        .count();
        return ResultEnvelope.newBuilder()
                .setRequestId(request.getRequestId())
                .setUserId(request.getUserId())
                .setGeneration(job.getGeneration())
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
                .setUsage(usage(total(analysed.calls())))
                .setCostUsd(cost(analysed.calls(), false).usd())
                .setCalls(analysed.calls().size())
                .setRepairs((int) repairs)
                .build();
    }

    private static ModelCall modelCall(AnalysisJob job, Call call) {
        AnalysisRequest request = job.getRequest();
        return ModelCall.newBuilder()
                .setCallId(call.id().toString())
                .setRequestId(request.getRequestId())
                .setUserId(request.getUserId())
                .setGeneration(job.getGeneration())
                .setRunId(request.getRunId())
                .setAnalysis(request.getAnalysis())
                .setAnalysisVersion(job.getAnalysisVersion())
                .setReservationId(job.getReservation().getReservationId())
                .setDay(job.getReservation().getDay())
                .setAttempt(call.attempt())
                .setPurpose(
                        switch (call.purpose()) {
                            case ANALYSIS -> CallPurpose.ANALYSIS;
                            case REPAIR -> CallPurpose.REPAIR;
                        })
                .setModel(call.deployment().model())
                .setDeployment(call.deployment().name())
                .setProvider(call.deployment().endpoint().provider().label())
                .setModelId(call.deployment().modelId())
                .setStatus(
                        switch (call.ending().status()) {
                            case ANSWERED -> CallStatus.ANSWERED;
                            case REFUSED -> CallStatus.REFUSED;
                            case THROTTLED -> CallStatus.THROTTLED;
                            case UNAVAILABLE -> CallStatus.UNAVAILABLE;
                            case REJECTED -> CallStatus.REJECTED;
                            case UNCONFIRMED -> CallStatus.UNCONFIRMED;
                        })
                .setHttpStatus(
                        call.ending().httpStatus().isPresent()
                                ? call.ending().httpStatus().getAsInt()
                                : null)
                .setFinishReason(call.ending().finishReason().orElse(null))
                .setResponseId(call.ending().responseId().orElse(null))
                .setUsage(usage(call.usage()))
                .setCostUsd(call.cost().usd())
                .setStartedAt(call.startedAt())
                .setDurationMillis(call.duration().toMillis())
                .build();
    }

    private static List<Violation> violations(Failure failure) {
        if (!(failure instanceof Failure.InvalidOutput invalid)) {
            return List.of();
        }
        return invalid.violations().stream()
                .map(violation ->
                        Violation.newBuilder()
                                .setPath(violation.path())
                                .setRule(violation.rule())
                                .setMessage(violation.message())
                                .build())
                .toList();
    }

    private static TokenUsage total(List<Call> calls) {
        return calls.stream().map(Call::usage).reduce(TokenUsage.NONE, TokenUsage::plus);
    }

    private static Cost cost(List<Call> calls, boolean unconfirmed) {
        return calls.stream()
                .filter(call -> unconfirmed == (call.ending().status() == Call.Status.UNCONFIRMED))
                .map(Call::cost)
                .reduce(Cost.ZERO, Cost::plus);
    }

    private static dev.sluice.contract.TokenUsage usage(TokenUsage usage) {
        return dev.sluice.contract.TokenUsage.newBuilder()
                .setInputTokens(usage.input())
                .setCachedInputTokens(usage.cachedInput())
                .setCacheWriteTokens(usage.cacheWrite())
                .setOutputTokens(usage.output())
                .setReasoningTokens(usage.reasoning())
                .build();
    }

    private ResultType resultType(String analysis) {
        return Optional.ofNullable(resultTypes.get(analysis))
                .orElseThrow(() -> new IllegalStateException("no result type of " + analysis));
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
