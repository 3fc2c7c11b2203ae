package dev.sluice.worker.journal;

import dev.sluice.contract.Attempt;
import dev.sluice.contract.AttemptPhase;
import dev.sluice.contract.CallStatus;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Priority;
import java.math.BigDecimal;
import java.time.LocalDate;

/** Builds journal entries for tests. */
final class JournalEntries {
    static final BigDecimal WORST = new BigDecimal("0.010000000");
    static final BigDecimal ACTUAL = new BigDecimal("0.001000000");

    private JournalEntries() {}

    static Attempt started(String callId, long job, String assignment) {
        return entry(AttemptPhase.STARTED, callId, job, assignment, CallStatus.UNCONFIRMED, WORST);
    }

    static Attempt startedAlone(String callId, long job, String assignment) {
        Attempt entry = started(callId, job, assignment);
        entry.setAlone(true);
        return entry;
    }

    static Attempt ended(String callId, long job, String assignment) {
        return entry(AttemptPhase.ENDED, callId, job, assignment, CallStatus.ANSWERED, ACTUAL);
    }

    static Attempt withdrawn(String callId, long job, String assignment) {
        return entry(
                AttemptPhase.WITHDRAWN, callId, job, assignment, CallStatus.UNCONFIRMED, WORST);
    }

    static Attempt startedJob(long job, String assignment, boolean alone) {
        return ofJob(AttemptPhase.JOB_STARTED, job, assignment, alone);
    }

    static Attempt laidDown(long job, String assignment) {
        return ofJob(AttemptPhase.JOB_STOPPED, job, assignment, false);
    }

    private static Attempt ofJob(AttemptPhase phase, long job, String assignment, boolean alone) {
        return Attempt.newBuilder()
                .setPhase(phase)
                .setPriority(Priority.INTERACTIVE)
                .setJobOffset(job)
                .setAssignment(assignment)
                .setAlone(alone)
                .build();
    }

    private static Attempt entry(
            AttemptPhase phase,
            String callId,
            long job,
            String assignment,
            CallStatus status,
            BigDecimal cost) {
        return Attempt.newBuilder()
                .setPhase(phase)
                .setPriority(Priority.INTERACTIVE)
                .setJobOffset(job)
                .setAssignment(assignment)
                .setCall(
                        ModelCall.newBuilder()
                                .setCallId(callId)
                                .setRequestId("r" + job)
                                .setUserId("ann")
                                .setAnalysis("seo")
                                .setReservationId("v" + job)
                                .setDay(LocalDate.EPOCH)
                                .setModel("m")
                                .setStatus(status)
                                .setCostUsd(cost)
                                .build())
                .build();
    }
}
