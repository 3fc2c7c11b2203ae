package dev.sluice.admission.validate;

import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.RequestRules;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.Stage;
import dev.sluice.contract.TokenUsage;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import dev.sluice.runtime.outcome.Reasons;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Writes the dead letters of denied requests. */
public final class DenialWriter {
    private static final String UNKNOWN = "unknown";
    private static final BigDecimal NOTHING = BigDecimal.ZERO.setScale(Cost.SCALE);

    private final DeadLetterWriter writer;
    private final AnalysisCatalog analyses;
    private final InstantSource clock;

    public DenialWriter(DeadLetterWriter writer, AnalysisCatalog analyses, InstantSource clock) {
        this.writer = writer;
        this.analyses = analyses;
        this.clock = clock;
    }

    /** The denial of bytes that are not a request. */
    public Decision.Denied undecodable(SourceRecord source, String message) {
        return new Decision.Denied(
                new Decision.Subject(Optional.empty(), UNKNOWN, source),
                Reason.UNDECODABLE,
                writer.record(
                        letter(source, Reason.UNDECODABLE, message).setAnalysis(null).build()));
    }

    /**
     * The denial of a record that is larger than {@code topics.max-request-bytes}. The brokers
     * limit compressed batches, so such a record can arrive, but its job or dead letter would not
     * fit. The dead letter has the record's key, ids, topic, partition and offset, but not its
     * content.
     *
     * @param request the decoded request, if it can be decoded and has valid ids
     */
    public Decision.Denied tooLarge(
            SourceRecord source,
            Optional<AnalysisRequest> request,
            int generation,
            String message) {
        DeadLetter.Builder letter =
                letter(source, Reason.INPUT_TOO_LARGE, message).setGeneration(generation);
        request.ifPresent(read ->
                letter.setRequestId(readable(read.getRequestId()))
                        .setUserId(readable(read.getUserId())));
        Optional<String> analysis =
                request.map(read -> read.getAnalysis().toString())
                        .filter(name -> analyses.find(name).isPresent());
        analysis.ifPresent(letter::setAnalysis);
        return new Decision.Denied(
                new Decision.Subject(
                        request.map(read -> key(read, generation)),
                        analysis.orElse(UNKNOWN),
                        source),
                Reason.INPUT_TOO_LARGE,
                writer.referring(letter.build()));
    }

    public Decision.Denied denied(
            SourceRecord source,
            AnalysisRequest request,
            int generation,
            Reason reason,
            String message) {
        return denied(source, request, generation, reason, message, Optional.empty());
    }

    /**
     * The denial of a request that may pass later.
     *
     * @param retryAt earliest time at which the same request may pass, if known
     */
    public Decision.Denied denied(
            SourceRecord source,
            AnalysisRequest request,
            int generation,
            Reason reason,
            String message,
            Optional<Instant> retryAt) {
        DeadLetter letter =
                letter(source, reason, message)
                        .setRequestId(readable(request.getRequestId()))
                        .setUserId(readable(request.getUserId()))
                        .setGeneration(generation)
                        .setAnalysis(readable(request.getAnalysis()))
                        .setAttributes(readable(request.getAttributes()))
                        .setRunId(request.getRunId() == null ? null : readable(request.getRunId()))
                        .setSubmittedAt(request.getSubmittedAt())
                        .setRetryAt(retryAt.orElse(null))
                        .build();
        String analysis = request.getAnalysis().toString();
        return new Decision.Denied(
                new Decision.Subject(
                        Optional.of(request)
                                .filter(RequestRules::hasIds)
                                .map(read -> key(read, generation)),
                        analyses.find(analysis).isPresent() ? analysis : UNKNOWN,
                        source),
                reason,
                writer.record(letter));
    }

    /** The denial of a valid request that may pass at a known time. */
    public Decision.Denied denied(
            ValidRequest valid, Reason reason, String message, Instant retryAt) {
        return denied(
                valid.source(),
                valid.request(),
                valid.generation(),
                reason,
                message,
                Optional.of(retryAt));
    }

    /** A copy of a dead letter for an identical request that waited for it; it costs nothing. */
    public Decision.Denied copy(ValidRequest valid, DeadLetter original) {
        AnalysisRequest request = valid.request();
        DeadLetter letter =
                DeadLetter.newBuilder(original)
                        .setRequestId(request.getRequestId())
                        .setGeneration(valid.generation())
                        .setAttributes(request.getAttributes())
                        .setRunId(request.getRunId())
                        .setSubmittedAt(request.getSubmittedAt())
                        .setFailedAt(clock.instant())
                        .setUsage(TokenUsage.newBuilder().build())
                        .setCostUsd(NOTHING)
                        .setUnconfirmedUsd(NOTHING)
                        .setCalls(0)
                        .setPaidBy(original.getRequestId())
                        .setOriginal(valid.source())
                        .build();
        return new Decision.Denied(
                Decision.Subject.of(valid), letter.getReason(), writer.record(letter));
    }

    private static RequestKey key(AnalysisRequest request, int generation) {
        return new RequestKey(
                request.getUserId().toString(), request.getRequestId().toString(), generation);
    }

    /** Invalid UTF-8 would stop readers, so it is replaced; the original record has the bytes. */
    private static CharSequence readable(CharSequence text) {
        return text.toString();
    }

    private static Map<CharSequence, CharSequence> readable(
            Map<CharSequence, CharSequence> attributes) {
        Map<CharSequence, CharSequence> readable = new LinkedHashMap<>();
        attributes.forEach((name, value) -> readable.put(readable(name), readable(value)));
        return readable;
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
}
