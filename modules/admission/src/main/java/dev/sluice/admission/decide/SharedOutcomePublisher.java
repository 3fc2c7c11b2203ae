package dev.sluice.admission.decide;

import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.admission.sharing.Shared;
import dev.sluice.admission.sharing.SharedOutcomes;
import dev.sluice.contract.Settlement;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Stores the outcome of a settled job for identical requests, and wakes those that wait for it. */
public final class SharedOutcomePublisher {
    private static final Instant NEVER = Instant.ofEpochMilli(Long.MAX_VALUE);

    private final Ledger ledger;
    private final SharedOutcomes shared;
    private final WaitQueue waiting;
    private final WaitQueueDrainer drainer;
    private final InstantSource clock;

    public SharedOutcomePublisher(
            AdmissionDecider.TaskState state, WaitQueueDrainer drainer, InstantSource clock) {
        this.ledger = state.ledger();
        this.shared = state.shared();
        this.waiting = state.waiting();
        this.drainer = drainer;
        this.clock = clock;
    }

    /** Handles the first settlement of a job. */
    public void settled(Settlement settlement) {
        if (settlement.getContentKey() == null) {
            return;
        }
        String user = settlement.getUserId().toString();
        ContentKey content = ContentKey.of(settlement.getContentKey());
        Optional<Shared> known = shared.find(user, content, clock.instant());
        if (known.isEmpty() || !(known.get() instanceof Shared.Leading leading)) {
            return;
        }
        boolean leads = leading.reservationId().contentEquals(settlement.getReservationId());
        @Nullable ByteBuffer outcome = settlement.getOutcome();
        boolean isResult = settlement.getReason() == null;
        if (outcome != null && isResult) {
            answer(user, content, clock.instant().plus(leading.life()), true, outcome);
        } else if (leads && outcome != null) {
            // Only requests that already wait get this failure.
            answer(user, content, NEVER, false, outcome);
        } else if (leads) {
            // There is no outcome to share: the next waiting request becomes a job itself.
            shared.forget(user, content);
            drainer.answered(user, content);
        }
    }

    private void answer(
            String user, ContentKey content, Instant until, boolean isResult, ByteBuffer outcome) {
        boolean othersWait =
                ledger.account(user).waiting() > 0
                        && waiting.hasWaiting(user, WaitQueue.WaitingFor.outcomeOf(content));
        byte[] value = new byte[outcome.remaining()];
        outcome.duplicate().get(value);
        if (othersWait || (isResult && shared.hasRoom(value.length))) {
            shared.answer(user, content, new Shared.Answered(isResult, until, Bytes.wrap(value)));
        } else {
            shared.forget(user, content);
        }
        if (othersWait) {
            drainer.answered(user, content);
        }
    }
}
