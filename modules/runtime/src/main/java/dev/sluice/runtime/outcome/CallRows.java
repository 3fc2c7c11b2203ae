package dev.sluice.runtime.outcome;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.model.ServiceTier;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CallPurpose;
import dev.sluice.contract.CallStatus;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.TokenUsage;
import dev.sluice.runtime.job.Job;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one job as rows of {@code calls.v1}, in order, including those of the job's earlier
 * executions.
 */
public record CallRows(List<ModelCall> rows) {
    /** Longest response id or finish reason that is stored. */
    private static final int MOST_CHARACTERS = 256;

    public CallRows {
        rows = List.copyOf(rows);
    }

    /** Rows of earlier executions of a job, followed by the calls of this one. */
    static CallRows of(Job job, List<ModelCall> earlier, List<Call> calls) {
        return new CallRows(
                Stream.concat(earlier.stream(), calls.stream().map(call -> row(job, call)))
                        .toList());
    }

    /** The row of one call. */
    public static ModelCall row(Job job, Call call) {
        AnalysisRequest request = job.request();
        return ModelCall.newBuilder()
                .setCallId(call.id().toString())
                .setRequestId(request.getRequestId())
                .setUserId(request.getUserId())
                .setGeneration(job.generation())
                .setRunId(request.getRunId())
                .setAnalysis(request.getAnalysis())
                .setAnalysisVersion(job.admitted().getAnalysisVersion())
                .setReservationId(job.reservation().getReservationId())
                .setDay(job.reservation().getDay())
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
                            case BLOCKED -> CallStatus.BLOCKED;
                            case UNAVAILABLE -> CallStatus.UNAVAILABLE;
                            case REJECTED -> CallStatus.REJECTED;
                            case UNCONFIRMED -> CallStatus.UNCONFIRMED;
                        })
                .setHttpStatus(
                        call.ending().httpStatus().isPresent()
                                ? call.ending().httpStatus().getAsInt()
                                : null)
                .setFinishReason(shortened(call.ending().finishReason()))
                .setResponseId(shortened(call.ending().responseId()))
                .setUsage(usage(call.usage()))
                .setCostUsd(FieldLimits.usd(call.cost().usd()))
                .setEndpoint(host(call))
                .setKeyAlias(call.deployment().endpoint().keyAlias())
                .setServiceTierAsked(
                        call.deployment()
                                .endpoint()
                                .serviceTier()
                                .map(ServiceTier::name)
                                .orElse(""))
                .setServiceTier(call.facts().serviceTier())
                .setRegion(call.facts().region())
                .setServedModel(call.facts().servedModel())
                .setProviderRequestId(call.facts().requestId())
                .setStartedAt(call.startedAt())
                .setDurationMillis(FieldLimits.millis(call.duration()))
                .build();
    }

    private static String host(Call call) {
        String host = call.deployment().endpoint().baseUrl().getHost();
        return host == null ? "" : host;
    }

    /**
     * Cost in USD of the calls whose usage is known, at most {@link
     * dev.sluice.analysis.price.Cost#MOST}.
     */
    public BigDecimal spent() {
        return cost(false);
    }

    /**
     * Worst-case cost in USD of the calls whose answers were lost, at most {@link
     * dev.sluice.analysis.price.Cost#MOST}.
     */
    public BigDecimal unconfirmed() {
        return cost(true);
    }

    int repairs() {
        return (int) rows.stream().filter(row -> row.getPurpose() == CallPurpose.REPAIR).count();
    }

    TokenUsage usage() {
        TokenUsage total = TokenUsage.newBuilder().build();
        for (ModelCall row : rows) {
            TokenUsage usage = row.getUsage();
            total.setInputTokens(FieldLimits.sum(total.getInputTokens(), usage.getInputTokens()));
            total.setCachedInputTokens(
                    FieldLimits.sum(total.getCachedInputTokens(), usage.getCachedInputTokens()));
            total.setCacheWriteTokens(
                    FieldLimits.sum(total.getCacheWriteTokens(), usage.getCacheWriteTokens()));
            total.setCacheWriteHourTokens(
                    FieldLimits.sum(
                            total.getCacheWriteHourTokens(), usage.getCacheWriteHourTokens()));
            total.setOutputTokens(
                    FieldLimits.sum(total.getOutputTokens(), usage.getOutputTokens()));
            total.setReasoningTokens(
                    FieldLimits.sum(total.getReasoningTokens(), usage.getReasoningTokens()));
        }
        return total;
    }

    private BigDecimal cost(boolean unconfirmed) {
        return FieldLimits.usd(
                rows.stream()
                        .filter(row -> unconfirmed == (row.getStatus() == CallStatus.UNCONFIRMED))
                        .map(ModelCall::getCostUsd)
                        .reduce(BigDecimal.ZERO.setScale(9), BigDecimal::add));
    }

    private static @Nullable String shortened(Optional<String> text) {
        return text.map(shortened -> FieldLimits.text(shortened, MOST_CHARACTERS)).orElse(null);
    }

    private static TokenUsage usage(dev.sluice.analysis.price.TokenUsage usage) {
        return TokenUsage.newBuilder()
                .setInputTokens(usage.input())
                .setCachedInputTokens(usage.cachedInput())
                .setCacheWriteTokens(usage.cacheWrite())
                .setCacheWriteHourTokens(usage.cacheWriteHour())
                .setOutputTokens(usage.output())
                .setReasoningTokens(usage.reasoning())
                .build();
    }
}
