package dev.sluice.runtime.outcome;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.contract.CanaryTrial;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.Topics;
import dev.sluice.contract.TrialOutcome;
import dev.sluice.contract.Validity;
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
    private final AnalysisCatalog analyses;
    private final RecordBytes bytes;
    private final InstantSource clock;

    /**
     * @param analyses what this worker knows; it reports trials only of canaries that are in it
     */
    SettlementWriter(
            Topics topics, AnalysisCatalog analyses, RecordBytes bytes, InstantSource clock) {
        this.topics = topics;
        this.analyses = analyses;
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
                        .setTrial(trial(job, calls, reason).orElse(null))
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
     * concerns only this job, the outcome is too large, or another version than the job's gave it.
     */
    private Optional<ByteBuffer> shared(
            Job job, Optional<Reason> reason, Supplier<byte[]> outcome) {
        if (job.contentKey() == null
                || reason.filter(NOT_SHARED::contains).isPresent()
                || !knows(job, job.admitted().getAnalysisVersion().toString())) {
            return Optional.empty();
        }
        return Optional.of(ByteBuffer.wrap(outcome.get()))
                .filter(value -> value.remaining() <= MAX_SHARED_BYTES);
    }

    /**
     * How the job ended for the trial of a canary; empty if it counts for none. If this worker does
     * not know both versions it is unknown, for jobs of either: it would have judged those of one
     * with the other.
     */
    private Optional<TrialOutcome> trial(Job job, CallRows calls, Optional<Reason> reason) {
        CanaryTrial trial = job.admitted().getTrial();
        if (trial == null) {
            return Optional.empty();
        }
        String canary = trial.getCanaryVersion().toString();
        boolean isKnown = knows(job, canary) && knows(job, trial.getCurrentVersion().toString());
        return Optional.of(
                TrialOutcome.newBuilder()
                        .setTrial(trial.getId())
                        .setCohort(trial.getCohort())
                        .setIsCanary(job.admitted().getAnalysisVersion().toString().equals(canary))
                        .setValidity(isKnown ? AnswerValidity.of(calls, reason) : Validity.UNKNOWN)
                        .setCallMillis(
                                calls.rows().stream().mapToLong(ModelCall::getDurationMillis).sum())
                        .build());
    }

    /** Whether this worker has a version of the job's analysis. */
    private boolean knows(Job job, String version) {
        return analyses.find(job.request().getAnalysis().toString(), version)
                .filter(found -> found.fingerprint().equals(version))
                .isPresent();
    }

    private ProducerRecord<byte[], byte[]> to(String topic, byte[] key, Object value) {
        return new ProducerRecord<>(topic, key, bytes.value(topic, value));
    }
}
