package dev.sluice.runtime.outcome;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Stage;
import dev.sluice.contract.Violation;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SerializationException;

/** Turns the end of a job into the records of its outcome. Safe for use by many threads. */
public final class OutcomeWriter {
    /** Longest message; it may quote a provider. */
    private static final int MESSAGE_CHARACTERS = 4_096;

    /** Longest path, rule and message of a violation; they may quote an answer. */
    private static final int VIOLATION_CHARACTERS = 1_024;

    private final KafkaConnection connection;
    private final RecordBytes bytes;
    private final DeadLetterContent content;
    private final DeadLetterWriter deadLetters;
    private final UndecodableJobs undecodable;
    private final ResultWriter results;
    private final SettlementWriter settlements;
    private final InstantSource clock;

    /**
     * @param content what dead letters keep of the content that they are about
     */
    public OutcomeWriter(
            KafkaConnection connection,
            ConfluentAvroSerializer<Object> serializer,
            AnalysisCatalog analyses,
            DeadLetterContent content,
            InstantSource clock) {
        this.connection = connection;
        this.content = content;
        this.bytes = new RecordBytes(serializer);
        this.deadLetters = deadLetters(connection, serializer, content);
        // A reference to a job would be one to a record that is deleted soon.
        this.undecodable =
                new UndecodableJobs(
                        deadLetters(connection, serializer, DeadLetterContent.WHOLE), clock);
        this.results = new ResultWriter(connection.topics(), serializer, analyses, clock);
        this.settlements = new SettlementWriter(connection.topics(), analyses, bytes, clock);
        this.clock = clock;
    }

    private static DeadLetterWriter deadLetters(
            KafkaConnection connection,
            ConfluentAvroSerializer<Object> serializer,
            DeadLetterContent content) {
        return new DeadLetterWriter(
                connection.topics(), serializer, connection.maxInternalBytes(), content);
    }

    /**
     * Checks that results can be written, before any job pays for one.
     *
     * @throws SerializationException if the registry rejects the schema of an analysis's results
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached
     */
    public void requireSchemas() {
        results.requireSchemas();
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
            case Analysis.Analysed analysed -> {
                Call accepted = analysed.calls().getLast();
                yield result(
                        job,
                        definition,
                        new ResultWriter.Answer(
                                analysed.output(),
                                analysed.input(),
                                accepted.deployment().model(),
                                accepted.deployment().modelId(),
                                accepted.ending().responseId(),
                                false),
                        calls);
            }
            case Analysis.Failed failed -> failure(job, job.model(), failed, calls);
        };
    }

    /**
     * The outcome of a job whose answers were given before and have been judged again. It has cost
     * nothing.
     *
     * @param model name of the model that gave the answers
     * @param earlier calls of the job's earlier executions
     */
    public Outcome rejudged(
            Job job,
            AnalysisDefinition definition,
            Analysis analysis,
            String model,
            List<ModelCall> earlier) {
        CallRows calls = new CallRows(earlier);
        return switch (analysis) {
            case Analysis.Analysed(var output, var input, _) ->
                    result(
                            job,
                            definition,
                            new ResultWriter.Answer(
                                    output, input, model, "", Optional.empty(), true),
                            calls);
            case Analysis.Failed failed -> failure(job, model, failed, calls);
        };
    }

    private Outcome failure(Job job, String model, Analysis.Failed failed, CallRows calls) {
        return deadLetter(
                job,
                model,
                Reasons.of(failed.failure()),
                failed.failure().message(),
                failed.answers(),
                violations(failed.failure()),
                calls);
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

    /**
     * The outcome of a job that asks to judge answers again which are not there.
     *
     * @param earlier calls of the job's earlier executions
     */
    public Outcome withoutAnswers(Job job, List<ModelCall> earlier) {
        String place =
                DeadLetterPlace.of(job.admitted().getSource())
                        .map(DeadLetterPlace::toString)
                        .orElse("the header " + HeaderNames.REJUDGE);
        return deadLetter(
                job,
                Reason.INVALID_REQUEST,
                place
                        + " names no dead letter of this request with answers to judge again, or it"
                        + " has been deleted; redrive the request without --rejudge",
                List.of(),
                List.of(),
                new CallRows(earlier));
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
        return undecodable.outcome(record, FieldLimits.text(message, MESSAGE_CHARACTERS));
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
        return settlements.late(call);
    }

    private Outcome result(
            Job job, AnalysisDefinition definition, ResultWriter.Answer answer, CallRows calls) {
        AnalysisRequest request = job.request();
        String topic = connection.topics().results(definition.name());
        byte[] value = results.value(job, definition, answer, calls);
        if (value.length > connection.maxRequestBytes()) {
            return deadLetter(
                    job,
                    Reason.OUTPUT_TOO_LARGE,
                    "the result has "
                            + value.length
                            + " bytes, allowed are "
                            + connection.maxRequestBytes(),
                    List.of(answer.output().toString()),
                    List.of(),
                    calls);
        }
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(
                new ProducerRecord<>(
                        topic,
                        null,
                        RecordBytes.key(request.getRequestId()),
                        value,
                        TraceContext.of(job.admitted().getSource())));
        records.addAll(settlements.records(job, calls, Optional.empty(), () -> value));
        return new Outcome(
                request.getRequestId().toString(),
                request.getUserId().toString(),
                definition.name(),
                calls,
                Optional.empty(),
                Optional.of(JobTimes.of(job)),
                records);
    }

    private Outcome deadLetter(
            Job job,
            Reason reason,
            String message,
            List<String> answers,
            List<Violation> violations,
            CallRows calls) {
        return deadLetter(job, job.model(), reason, message, answers, violations, calls);
    }

    private Outcome deadLetter(
            Job job,
            String model,
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
                        .setModel(model)
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
        records.addAll(
                settlements.records(
                        job, calls, Optional.of(reason), () -> withoutOriginal(letter)));
        return new Outcome(
                request.getRequestId().toString(),
                request.getUserId().toString(),
                request.getAnalysis().toString(),
                calls,
                Optional.of(reason),
                Optional.of(JobTimes.of(job)),
                records);
    }

    /** The dead letter without its original, because an identical request has its own original. */
    private byte[] withoutOriginal(DeadLetter letter) {
        return bytes.value(
                connection.topics().deadLetters(),
                DeadLetter.newBuilder(content.of(letter)).setOriginal(null).build());
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
}
