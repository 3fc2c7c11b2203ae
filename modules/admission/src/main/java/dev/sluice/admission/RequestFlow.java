package dev.sluice.admission;

import dev.sluice.admission.decide.AdmissionDecider;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.ledger.Requests;
import dev.sluice.admission.validate.Decision;
import dev.sluice.admission.validate.RequestValidator;
import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What becomes of records of the requests topic on the task that reads them: each is repartitioned
 * to the task that keeps its user's books, and there taken once. Not safe for use by several
 * threads.
 */
final class RequestFlow {
    private final RequestValidator validator;
    private final AdmissionDecider decider;
    private final Requests requests;
    private final Ownership ownership;
    private final Exits exits;
    private final SluiceMetrics metrics;
    private final InstantSource clock;

    /** Where decisions go. */
    interface Exits {
        void publish(Decision decision);

        /** To the task that keeps the user's books. */
        void forwardToOwner(String user, SourceRecord source);
    }

    /** Whose books this task keeps. */
    interface Ownership {
        boolean keeps(String user);
    }

    RequestFlow(
            RequestValidator validator,
            AdmissionDecider decider,
            Requests requests,
            Ownership ownership,
            Exits exits,
            SluiceMetrics metrics,
            InstantSource clock) {
        this.validator = validator;
        this.decider = decider;
        this.requests = requests;
        this.ownership = ownership;
        this.exits = exits;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Takes a record of the requests topic.
     *
     * @param repartitioned whether another task has repartitioned it here
     */
    void take(SourceRecord source, boolean repartitioned) {
        take(source, validator.check(source), repartitioned);
    }

    /** Takes a record whose schema the registry does not know, after asking often enough. */
    void takeUndecodable(SourceRecord source, String message) {
        take(source, validator.undecodable(source, message), true);
    }

    private void take(
            SourceRecord source, RequestValidator.Checked checked, boolean repartitioned) {
        Optional<RequestKey> identity = identity(checked);
        if (identity.isPresent() && !repartitioned && !ownership.keeps(identity.get().user())) {
            exits.forwardToOwner(identity.get().user(), source);
            return;
        }
        Instant now = clock.instant();
        if (identity.isPresent() && requests.contains(identity.get(), now)) {
            metrics.count(Metric.DUPLICATES);
            return;
        }
        switch (checked) {
            case RequestValidator.Valid(var request) -> decider.enter(request);
            case RequestValidator.Invalid(_, var denial) -> exits.publish(denial);
        }
        identity.ifPresent(known -> requests.add(known, now));
    }

    private static Optional<RequestKey> identity(RequestValidator.Checked checked) {
        return switch (checked) {
            case RequestValidator.Valid(var request) -> Optional.of(request.identity());
            case RequestValidator.Invalid(var identity, _) -> identity;
        };
    }
}
