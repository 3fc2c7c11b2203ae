package dev.sluice.runtime.outcome;

import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.Topics;
import dev.sluice.runtime.job.Job;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes what a job cost: a row for each call, and the settlement of its reservation. Safe for use
 * by many threads.
 */
final class SettlementWriter {
    /**
     * Largest outcome that is shared with identical requests, because shared outcomes are kept in
     * admission's state.
     */
    private static final int MAX_SHARED_BYTES = 256 << 10;

    /**
     * Reasons that concern only this job, so its dead letter is not shared with identical requests.
     */
    private static final Set<Reason> NOT_SHARED =
            EnumSet.of(Reason.DEADLINE_EXCEEDED, Reason.CAP_EXHAUSTED, Reason.CANCELLED);

    private final Topics topics;
    private final RecordBytes bytes;
    private final InstantSource clock;

    SettlementWriter(Topics topics, RecordBytes bytes, InstantSource clock) {
        this.topics = topics;
        this.bytes = bytes;
        this.clock = clock;
    }

    /**
     * One row per call, and the settlement of the reservation.
     *
     * @param reason of the dead letter; empty for a result
     * @param outcome supplies the value of the published result or dead letter
     */
    List<ProducerRecord<byte[], byte[]>> records(
            Job job, CallRows calls, Optional<Reason> reason, Supplier<byte[]> outcome) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        byte[] user = RecordBytes.key(job.request().getUserId());
        String callsTopic = topics.calls();
        for (ModelCall call : calls.rows()) {
            records.add(
                    new ProducerRecord<>(
                            callsTopic,
                            null,
                            user,
                            bytes.value(callsTopic, call),
                            TraceContext.of(job.admitted().getSource())));
        }
        String settlementsTopic = topics.settlements();
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
        return records;
    }

    /**
     * The records of a call that was found after its job's outcome was published: its row and a
     * settlement.
     */
    List<ProducerRecord<byte[], byte[]>> late(ModelCall call) {
        CallRows calls = new CallRows(List.of(call));
        byte[] user = RecordBytes.key(call.getUserId());
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
        return List.of(to(topics.calls(), user, call), to(topics.settlements(), user, settlement));
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

    private ProducerRecord<byte[], byte[]> to(String topic, byte[] key, Object value) {
        return new ProducerRecord<>(topic, key, bytes.value(topic, value));
    }
}
