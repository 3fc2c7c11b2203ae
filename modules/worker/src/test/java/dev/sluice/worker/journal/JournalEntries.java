package dev.sluice.worker.journal;

import dev.sluice.contract.Attempt;
import dev.sluice.contract.AttemptPhase;
import dev.sluice.contract.CallStatus;
import dev.sluice.contract.Lane;
import dev.sluice.contract.ModelCall;
import java.math.BigDecimal;
import java.time.LocalDate;

/** Entries of the journal as tests need them. */
final class JournalEntries {
    static final BigDecimal WORST = new BigDecimal("0.010000000");
    static final BigDecimal ACTUAL = new BigDecimal("0.001000000");

    private JournalEntries() {}

    static Attempt started(String callId, long job, String tenure) {
        return entry(AttemptPhase.STARTED, callId, job, tenure, CallStatus.UNCONFIRMED, WORST);
    }

    static Attempt startedAlone(String callId, long job, String tenure) {
        Attempt entry = started(callId, job, tenure);
        entry.setAlone(true);
        return entry;
    }

    static Attempt ended(String callId, long job, String tenure) {
        return entry(AttemptPhase.ENDED, callId, job, tenure, CallStatus.ANSWERED, ACTUAL);
    }

    static Attempt withdrawn(String callId, long job, String tenure) {
        return entry(AttemptPhase.WITHDRAWN, callId, job, tenure, CallStatus.UNCONFIRMED, WORST);
    }

    static Attempt takenUp(long job, String tenure, boolean alone) {
        return ofJob(AttemptPhase.TAKEN_UP, job, tenure, alone);
    }

    static Attempt laidDown(long job, String tenure) {
        return ofJob(AttemptPhase.LAID_DOWN, job, tenure, false);
    }

    private static Attempt ofJob(AttemptPhase phase, long job, String tenure, boolean alone) {
        return Attempt.newBuilder()
                .setPhase(phase)
                .setLane(Lane.INTERACTIVE)
                .setJobOffset(job)
                .setTenure(tenure)
                .setAlone(alone)
                .build();
    }

    private static Attempt entry(
            AttemptPhase phase,
            String callId,
            long job,
            String tenure,
            CallStatus status,
            BigDecimal cost) {
        return Attempt.newBuilder()
                .setPhase(phase)
                .setLane(Lane.INTERACTIVE)
                .setJobOffset(job)
                .setTenure(tenure)
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
