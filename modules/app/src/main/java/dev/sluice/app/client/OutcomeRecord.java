package dev.sluice.app.client;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a request: a result or a dead letter.
 *
 * @param value the record with its writer's schema
 */
public record OutcomeRecord(boolean isResult, GenericRecord value) {
    /** Empty if the request's record could not be decoded. */
    public Optional<String> requestId() {
        return text("requestId");
    }

    /** Empty if the request's record could not be decoded. */
    public Optional<String> userId() {
        return text("userId");
    }

    public int generation() {
        return (int) value.get("generation");
    }

    /** The run that the request belongs to. */
    public Optional<String> runId() {
        return text("runId");
    }

    public Optional<String> analysis() {
        return text("analysis");
    }

    /** The model that answered, or that was to answer. */
    public Optional<String> model() {
        return text("model");
    }

    /** The request whose call this outcome comes from, if it was not this one. */
    public Optional<String> paidBy() {
        return text("paidBy");
    }

    /** Why there is no result; empty for a result. */
    public Optional<String> reason() {
        return isResult ? Optional.empty() : text("reason");
    }

    /** What happened, and what to do; empty for a result. */
    public Optional<String> message() {
        return isResult ? Optional.empty() : text("message");
    }

    /** Cost of confirmed calls, in USD. */
    public BigDecimal costUsd() {
        return (BigDecimal) value.get("costUsd");
    }

    /** The most that calls with an unknown end can have cost, in USD. */
    public BigDecimal unconfirmedUsd() {
        return (BigDecimal) value.get("unconfirmedUsd");
    }

    public long inputTokens() {
        return (long) ((GenericRecord) value.get("usage")).get("inputTokens");
    }

    public long outputTokens() {
        return (long) ((GenericRecord) value.get("usage")).get("outputTokens");
    }

    /** When the request ended. */
    public Instant endedAt() {
        return (Instant) value.get(isResult ? "completedAt" : "failedAt");
    }

    /** The earliest time at which the same request can be sent again; empty if there is none. */
    public Optional<Instant> retryAt() {
        return isResult ? Optional.empty() : Optional.ofNullable((Instant) value.get("retryAt"));
    }

    /** Whether this is the outcome to show of a request that has both. */
    public boolean replaces(OutcomeRecord other) {
        if (isResult != other.isResult) {
            return isResult;
        }
        return generation() == other.generation()
                ? !endedAt().isBefore(other.endedAt())
                : generation() > other.generation();
    }

    private Optional<String> text(String field) {
        @Nullable Object found = value.hasField(field) ? value.get(field) : null;
        return Optional.ofNullable(found).map(Object::toString);
    }
}
