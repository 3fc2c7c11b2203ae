package dev.sluice.admission;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.price.CapEstimate;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reason;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.Reservation;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.Stage;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.outcome.ContractPrices;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import dev.sluice.runtime.outcome.Deadlines;
import dev.sluice.runtime.outcome.Reasons;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Decides on one request: decodes it, checks it, reserves its cost. It has no state of its own and
 * changes nothing; the caller publishes the decision.
 */
final class Gatekeeper {
    private final AnalysisCatalog analyses;
    private final PriceTable prices;
    private final Map<String, List<String>> modelIds;
    private final Topics topics;
    private final long maxBytes;
    private final ConfluentAvroDeserializer<AnalysisRequest> requests;
    private final ConfluentAvroSerializer<Object> serializer;
    private final DeadLetterWriter deadLetters;
    private final Map<String, CapEstimate> caps = new HashMap<>();
    private final InstantSource clock;

    Gatekeeper(
            KafkaConnection connection,
            SchemaRegistry registry,
            AnalysisCatalog analyses,
            PriceTable prices,
            Map<String, List<String>> modelIds,
            InstantSource clock) {
        this.analyses = analyses;
        this.prices = prices;
        this.modelIds = modelIds;
        this.topics = connection.topics();
        this.maxBytes = connection.maxRequestBytes();
        this.requests = connection.deserializer(registry, AnalysisRequest.class);
        this.serializer = connection.serializer(registry);
        this.deadLetters = new DeadLetterWriter(topics, serializer, connection.maxInternalBytes());
        this.clock = clock;
        for (AnalysisDefinition definition : analyses.all()) {
            caps.put(definition.name(), new CapEstimate(definition));
        }
    }

    /**
     * Decides.
     *
     * @throws RegistryUnavailableException while the registry cannot be reached: decide again later
     * @throws UnknownSchemaException if the registry does not know the request's schema, which a
     *     replica that lags behind may say too
     */
    Decision decide(SourceRecord source) {
        if (size(source) > maxBytes) {
            return tooLarge(source);
        }
        AnalysisRequest request;
        try {
            request = decoded(source);
        } catch (SchemaNotFoundException e) {
            throw new UnknownSchemaException(e);
        } catch (RegistryUnavailableException
                | AuthenticationException
                | AuthorizationException
                | InterruptException e) {
            throw e;
        } catch (RuntimeException e) {
            // Whatever else decoding meets, it met it in these bytes: one record must not stop all.
            return undecodable(source, String.valueOf(e.getMessage()));
        }
        String analysis = request.getAnalysis().toString();
        Optional<AnalysisDefinition> found = analyses.find(analysis);
        if (found.isEmpty()) {
            return refused(
                    source,
                    request,
                    Reason.UNKNOWN_ANALYSIS,
                    "there is no analysis of this name; known are "
                            + analyses.all().stream().map(AnalysisDefinition::name).toList());
        }
        AnalysisDefinition definition = found.get();
        Optional<RequestRules.Broken> broken =
                RequestRules.check(request, definition.input().maxBytes());
        if (broken.isPresent()) {
            return refused(source, request, broken.get().reason(), broken.get().message());
        }
        Optional<Integer> generation = generation(source);
        if (generation.isEmpty()) {
            return refused(
                    source,
                    request,
                    Reason.INVALID_REQUEST,
                    "the header " + HeaderNames.GENERATION + " is no number");
        }
        Instant deadline = Deadlines.of(request, received(source));
        if (!clock.instant().isBefore(deadline)) {
            return refused(
                    source, request, Reason.DEADLINE_EXCEEDED, "the deadline was " + deadline);
        }
        return reserved(source, request, definition, generation.get());
    }

    /** A dead letter for bytes that are no request. */
    Decision.Refused undecodable(SourceRecord source, String message) {
        DeadLetter letter = letter(source, Reason.UNDECODABLE, message).setAnalysis(null).build();
        return new Decision.Refused("unknown", Reason.UNDECODABLE, deadLetters.record(letter));
    }

    /**
     * A dead letter for a record that is larger than requests may be: the broker limits batches as
     * they are compressed, and this one would not fit into what is made of it.
     */
    private Decision tooLarge(SourceRecord source) {
        DeadLetter letter =
                letter(
                                source,
                                Reason.INPUT_TOO_LARGE,
                                "the record has "
                                        + size(source)
                                        + " bytes, allowed are "
                                        + maxBytes)
                        .setOriginal(DeadLetterWriter.reference(source))
                        .build();
        return new Decision.Refused("unknown", Reason.INPUT_TOO_LARGE, deadLetters.record(letter));
    }

    private static long size(SourceRecord source) {
        long size = length(source.getKey()) + length(source.getValue());
        for (RecordHeader header : source.getHeaders()) {
            size += header.getKey().length() + length(header.getValue());
        }
        return size;
    }

    private static long length(@Nullable ByteBuffer bytes) {
        return bytes == null ? 0 : bytes.remaining();
    }

    private Decision reserved(
            SourceRecord source,
            AnalysisRequest request,
            AnalysisDefinition definition,
            int generation) {
        LocalDate day = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<ModelPrice> found = new ArrayList<>();
        for (String modelId : modelIds(definition)) {
            Optional<ModelPrice> price = prices.find(modelId, day);
            if (price.isEmpty()) {
                return refused(
                        source,
                        request,
                        Reason.UNPRICED_MODEL,
                        "the price table has no price of " + modelId + " for " + day);
            }
            found.add(price.get());
        }
        CapEstimate estimate = caps.get(definition.name());
        if (estimate == null) {
            throw new IllegalStateException("no estimate for " + definition.name());
        }
        Reservation reservation =
                Reservation.newBuilder()
                        .setReservationId(
                                source.getTopic()
                                        + "-"
                                        + source.getPartition()
                                        + "@"
                                        + source.getOffset())
                        .setDay(day)
                        .setCap(estimate.cap(RequestRules.bytes(request.getContent()), found).usd())
                        .setPrices(found.stream().map(ContractPrices::toContract).toList())
                        .build();
        AnalysisJob job =
                AnalysisJob.newBuilder()
                        .setRequest(request)
                        .setGeneration(generation)
                        .setAnalysisVersion(definition.fingerprint())
                        .setModel(definition.models().model())
                        .setReservation(reservation)
                        .setSource(source)
                        .setAdmittedAt(clock.instant())
                        .build();
        String topic =
                request.getPriority() == Priority.BULK
                        ? topics.bulkJobs(definition.models().model())
                        : topics.jobs(definition.models().model());
        byte[] value = serializer.serialize(topic, job);
        return new Decision.Admitted(
                definition.name(),
                new ProducerRecord<>(
                        topic,
                        request.getRequestId().toString().getBytes(StandardCharsets.UTF_8),
                        value));
    }

    private List<String> modelIds(AnalysisDefinition definition) {
        return definition.models().all().stream()
                .flatMap(model -> modelIds.getOrDefault(model, List.of()).stream())
                .distinct()
                .toList();
    }

    private Decision refused(
            SourceRecord source, AnalysisRequest request, Reason reason, String message) {
        DeadLetter letter =
                letter(source, reason, message)
                        .setRequestId(request.getRequestId())
                        .setUserId(request.getUserId())
                        .setGeneration(generation(source).orElse(0))
                        .setAnalysis(request.getAnalysis())
                        .setAttributes(request.getAttributes())
                        .setRunId(request.getRunId())
                        .setSubmittedAt(request.getSubmittedAt())
                        .build();
        String analysis = request.getAnalysis().toString();
        return new Decision.Refused(
                analyses.find(analysis).isPresent() ? analysis : "unknown",
                reason,
                deadLetters.record(letter));
    }

    private DeadLetter.Builder letter(SourceRecord source, Reason reason, String message) {
        return DeadLetter.newBuilder()
                .setKind(Reasons.kind(reason))
                .setReason(reason)
                .setMessage(message)
                .setStage(Stage.ADMISSION)
                .setFailedAt(clock.instant())
                .setOriginal(source);
    }

    private AnalysisRequest decoded(SourceRecord source) {
        ByteBuffer value = source.getValue();
        if (value == null) {
            throw new SerializationException("the record has no value");
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        AnalysisRequest request = requests.deserialize(source.getTopic().toString(), bytes);
        if (request == null) {
            throw new SerializationException("the record has no value");
        }
        return request;
    }

    private static Instant received(SourceRecord source) {
        return source.getTimestamp() == null ? Instant.EPOCH : source.getTimestamp();
    }

    /** The generation in the header: 0 where there is none, nothing where it is no number. */
    private static Optional<Integer> generation(SourceRecord source) {
        Optional<Integer> generation = Optional.of(0);
        for (RecordHeader header : source.getHeaders()) {
            if (header.getKey().toString().equals(HeaderNames.GENERATION)) {
                ByteBuffer value = header.getValue();
                String text =
                        value == null
                                ? ""
                                : StandardCharsets.UTF_8.decode(value.duplicate()).toString();
                generation =
                        text.matches("\\d{1,9}")
                                ? Optional.of(Integer.valueOf(text))
                                : Optional.empty();
            }
        }
        return generation;
    }
}
