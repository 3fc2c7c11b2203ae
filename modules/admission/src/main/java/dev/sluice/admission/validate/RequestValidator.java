package dev.sluice.admission.validate;

import dev.sluice.admission.canary.TrialShare;
import dev.sluice.admission.canary.Trials;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Reason;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.RequestRules;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.UndecodableException;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import dev.sluice.runtime.outcome.Deadlines;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Validates request records: decodes them, checks the rules, and looks up prices. It has no state
 * and changes nothing.
 */
public final class RequestValidator {
    private final AnalysisCatalog analyses;
    private final Trials trials;
    private final Tariffs tariffs;
    private final long maxBytes;
    private final RecordDecoder<AnalysisRequest> requests;
    private final DenialWriter denials;
    private final Budgets budgets;
    private final InstantSource clock;

    public RequestValidator(
            KafkaConnection connection,
            SchemaRegistry registry,
            Knowledge knowledge,
            Trials trials,
            DenialWriter denials,
            Budgets budgets,
            InstantSource clock) {
        this.analyses = knowledge.analyses();
        this.trials = trials;
        this.tariffs = new Tariffs(knowledge.analyses(), knowledge.prices(), knowledge.modelIds());
        this.maxBytes = connection.maxRequestBytes();
        this.requests =
                new RecordDecoder<>(connection.deserializer(registry, AnalysisRequest.class));
        this.denials = denials;
        this.budgets = budgets;
        this.clock = clock;
    }

    /**
     * The configured analyses and prices.
     *
     * @param modelIds the provider's model ids of each model's deployments; prices are looked up by
     *     these
     */
    public record Knowledge(
            AnalysisCatalog analyses, PriceTable prices, Map<String, List<String>> modelIds) {}

    /** The result of a check. */
    public sealed interface Checked {}

    /** The request is valid. */
    public record Valid(ValidRequest request) implements Checked {}

    /**
     * The request is not valid.
     *
     * @param identity the request's identity; empty if its ids cannot be read
     * @param denial the dead letter
     */
    public record Invalid(Optional<RequestKey> identity, Decision.Denied denial)
            implements Checked {}

    /**
     * Checks a record.
     *
     * @throws RegistryUnavailableException while the registry cannot be reached: check again later
     * @throws UnknownSchemaException if the registry does not know the request's schema, or a
     *     lagging replica does not know it yet
     */
    public Checked check(SourceRecord source) {
        if (size(source) > maxBytes) {
            return tooLarge(source);
        }
        AnalysisRequest request;
        try {
            request = requests.decode(source);
        } catch (UndecodableException e) {
            return undecodable(source, String.valueOf(e.getMessage()));
        }
        return check(source, request);
    }

    /**
     * Denies a record on the task that read it, because it is too large to be forwarded to the
     * owner partition. Ids are included if they can be decoded.
     */
    private Invalid tooLarge(SourceRecord source) {
        return new Invalid(
                Optional.empty(),
                denials.tooLarge(
                        source,
                        readable(source).filter(RequestRules::hasIds),
                        generation(source).orElse(0),
                        "the record has "
                                + size(source)
                                + " bytes, allowed are "
                                + maxBytes
                                + " (topics.max-request-bytes)"));
    }

    /**
     * Decodes a request if that is possible now. It does not wait for the registry, because waiting
     * records are stored whole.
     */
    private Optional<AnalysisRequest> readable(SourceRecord source) {
        try {
            return Optional.of(requests.decode(source));
        } catch (UndecodableException | UnknownSchemaException e) {
            return Optional.empty();
        } catch (RuntimeException e) {
            if (RegistryOutage.is(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** A dead letter for bytes that are not a request. */
    public Invalid undecodable(SourceRecord source, String message) {
        return new Invalid(Optional.empty(), denials.undecodable(source, message));
    }

    private Checked check(SourceRecord source, AnalysisRequest request) {
        Optional<Integer> generation = generation(source);
        Optional<RequestKey> identity =
                generation
                        .filter(_ -> RequestRules.hasIds(request))
                        .map(number -> RequestKey.of(request, number));
        Denier denier =
                (reason, message) ->
                        new Invalid(
                                identity,
                                denials.denied(
                                        source, request, generation.orElse(0), reason, message));
        Optional<AnalysisDefinition> found = analyses.find(request.getAnalysis().toString());
        if (found.isEmpty()) {
            return denier.denied(
                    Reason.UNKNOWN_ANALYSIS,
                    "there is no analysis with this name; configured analyses: "
                            + analyses.all().stream().map(AnalysisDefinition::name).toList());
        }
        Optional<TrialShare> share = trials.share(request);
        AnalysisDefinition definition =
                share.filter(TrialShare::isCanary)
                        .map(canary -> canary.trial().canary().definition())
                        .orElseGet(found::get);
        Optional<RequestRules.Broken> broken =
                RequestRules.check(request, definition.input().maxBytes());
        if (broken.isPresent()) {
            return denier.denied(broken.get().reason(), broken.get().message());
        }
        if (generation.isEmpty()) {
            return denier.denied(
                    Reason.INVALID_REQUEST,
                    "the header " + HeaderNames.GENERATION + " is not a whole number");
        }
        boolean isRejudged = DeadLetterPlace.isIn(source);
        if (isRejudged && (DeadLetterPlace.of(source).isEmpty() || generation.get() == 0)) {
            return denier.denied(
                    Reason.INVALID_REQUEST,
                    "the header "
                            + HeaderNames.REJUDGE
                            + " is for redrives of dead letters, and has the form partition@offset");
        }
        Instant deadline = Deadlines.of(request, received(source));
        // The deadline is for calls, and a rejudgement makes none.
        if (!isRejudged && !clock.instant().isBefore(deadline)) {
            return denier.denied(
                    Reason.DEADLINE_EXCEEDED, "the deadline was " + deadline + origin(request));
        }
        LocalDate day = budgets.day(clock.instant());
        Optional<Tariff> tariff = tariffs.find(definition, day);
        if (tariff.isEmpty()) {
            return denier.denied(
                    Reason.UNPRICED_MODEL,
                    "the price table has no price of "
                            + String.join(", ", tariffs.unpriced(definition, day))
                            + " for "
                            + day);
        }
        return new Valid(
                new ValidRequest(
                        source,
                        request,
                        generation.get(),
                        definition,
                        deadline,
                        tariff.get(),
                        tariff.get().need(size(request.getContent())),
                        content(request, definition, generation.get()),
                        share.filter(_ -> generation.get() == 0)
                                .map(part -> inTrial(request, part, day))));
    }

    /** Explains a deadline that the request does not name itself. */
    private static String origin(AnalysisRequest request) {
        if (request.getDeadline() != null) {
            return "";
        }
        return ": the request names none, so it is "
                + Deadlines.DEFAULT_LIFE.toHours()
                + " hours after its "
                + (Deadlines.isSubmissionKnown(request) ? "submittedAt" : "record's timestamp")
                + "; name a deadline to redrive it";
    }

    /**
     * The content key of a request that may share an outcome; empty for redrives, for requests with
     * cache BYPASS, and for analyses without sharing.
     */
    private static Optional<ContentKey> content(
            AnalysisRequest request, AnalysisDefinition definition, int generation) {
        boolean shares =
                generation == 0
                        && request.getCache() != CacheUse.BYPASS
                        && definition.output().cache().isPositive();
        return shares
                ? Optional.of(ContentKey.of(definition, request.getContent()))
                : Optional.empty();
    }

    /** The part of a request in a trial, with what it would be at the other version. */
    private TrialShare inTrial(AnalysisRequest request, TrialShare share, LocalDate day) {
        AnalysisDefinition other = share.otherVersion();
        return new TrialShare(
                share.trial(),
                share.isCanary(),
                tariffs.find(other, day)
                        .map(tariff ->
                                new TrialShare.Elsewhere(
                                        tariff.need(size(request.getContent())),
                                        content(request, other, 0))));
    }

    /** Denies one request. */
    private interface Denier {
        Invalid denied(Reason reason, String message);
    }

    private static ContentSize size(CharSequence content) {
        return content instanceof Utf8 utf8
                ? ContentSize.of(utf8.getBytes(), utf8.getByteLength())
                : ContentSize.of(content.toString());
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

    private static Instant received(SourceRecord source) {
        return source.getTimestamp() == null ? Instant.EPOCH : source.getTimestamp();
    }

    /**
     * The generation in the header: 0 without the header, empty if it is not a whole number of up
     * to nine digits.
     */
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
