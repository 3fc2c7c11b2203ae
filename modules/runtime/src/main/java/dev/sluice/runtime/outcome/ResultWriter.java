package dev.sluice.runtime.outcome;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.InputExtent;
import dev.sluice.contract.ResultEnvelope;
import dev.sluice.contract.Topics;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.result.ResultType;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import tools.jackson.databind.node.ObjectNode;

/** Writes the values of results. Safe for use by many threads. */
final class ResultWriter {
    private final Topics topics;
    private final ConfluentAvroSerializer<Object> serializer;
    private final RecordBytes bytes;
    private final InstantSource clock;

    /** The current versions first, so that the registry compares canaries with them. */
    private final List<AnalysisDefinition> versions;

    /** By the version's fingerprint. */
    private final Map<String, ResultType> resultTypes = new HashMap<>();

    ResultWriter(
            Topics topics,
            ConfluentAvroSerializer<Object> serializer,
            AnalysisCatalog analyses,
            InstantSource clock) {
        this.topics = topics;
        this.serializer = serializer;
        this.bytes = new RecordBytes(serializer);
        this.clock = clock;
        this.versions = analyses.versions();
        for (AnalysisDefinition definition : versions) {
            resultTypes.put(
                    definition.fingerprint(),
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
    void requireSchemas() {
        for (AnalysisDefinition version : versions) {
            String topic = topics.results(version.name());
            try {
                serializer.require(topic, resultType(version).schema());
            } catch (SerializationException e) {
                if (RegistryOutage.is(e)) {
                    throw e;
                }
                throw new SerializationException(
                        "results of "
                                + version.name()
                                + " cannot be written to "
                                + topic
                                + " (version "
                                + version.fingerprint()
                                + "): "
                                + e.getMessage()
                                + ". Make new fields of its output schema optional, allow the"
                                + " change in the registry, or give the analysis another name",
                        e);
            }
        }
    }

    /**
     * A valid answer.
     *
     * @param model name of the model that gave it
     * @param modelId the provider's id of that model; empty if it is not known any more
     * @param rejudged whether it was given before, and was invalid then
     */
    record Answer(
            ObjectNode output,
            PreparedInput input,
            String model,
            String modelId,
            Optional<String> responseId,
            boolean rejudged) {}

    /** The value of a result, for the analysis's topic of results. */
    byte[] value(Job job, AnalysisDefinition definition, Answer answer, CallRows calls) {
        ResultType type = resultType(definition);
        return bytes.value(
                topics.results(definition.name()),
                type.result(envelope(job, definition, answer, calls), answer.output()));
    }

    private ResultEnvelope envelope(
            Job job, AnalysisDefinition definition, Answer answer, CallRows calls) {
        AnalysisRequest request = job.request();
        PreparedInput input = answer.input();
        return ResultEnvelope.newBuilder()
                .setRequestId(request.getRequestId())
                .setUserId(request.getUserId())
                .setGeneration(job.generation())
                .setAnalysis(definition.name())
                .setAnalysisVersion(definition.fingerprint())
                .setModel(answer.model())
                .setModelId(answer.modelId())
                .setResponseId(answer.responseId().orElse(null))
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
                .setRejudged(answer.rejudged())
                .build();
    }

    private ResultType resultType(AnalysisDefinition version) {
        return Optional.ofNullable(resultTypes.get(version.fingerprint()))
                .orElseThrow(
                        () -> new IllegalStateException("no result type of " + version.name()));
    }
}
