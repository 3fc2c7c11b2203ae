package dev.sluice.app.client;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Ids;
import java.util.Optional;

/** Who asked for what; the same in all generations of a request. */
public record RequestIdentity(String userId, String requestId) {
    /** The identity in a dead letter; empty if its request's record could not be read. */
    public static Optional<RequestIdentity> of(DeadLetter letter) {
        return letter.getUserId() == null || letter.getRequestId() == null
                ? Optional.empty()
                : Optional.of(
                        new RequestIdentity(
                                letter.getUserId().toString(), letter.getRequestId().toString()));
    }

    /** Whether both ids are as {@link Ids} has it. */
    public boolean isValid() {
        return Ids.problem("userId", userId).isEmpty()
                && Ids.problem("requestId", requestId).isEmpty();
    }

    /** The identity in an outcome; empty if its request's record could not be read. */
    public static Optional<RequestIdentity> of(OutcomeRecord outcome) {
        return outcome.userId()
                .flatMap(user -> outcome.requestId().map(id -> new RequestIdentity(user, id)));
    }
}
