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
 * The path of a request record: it is validated, forwarded to the partition that owns its user,
 * checked for duplicates there, and decided on. Not safe for use by several threads.
 */
final class RequestFlow {
    private final RequestValidator validator;
    private final AdmissionDecider decider;
    private final Requests requests;
    private final Ownership ownership;
    private final Exits exits;
    private final SluiceMetrics metrics;
    private final InstantSource clock;

    /** The outputs. */
    interface Exits {
        void publish(Decision decision);

        /** Forwards a record to the owner partition of its user. */
        void forwardToOwner(String user, SourceRecord source);
    }

    /** The users that this task owns. */
    interface Ownership {
        boolean owns(String user);
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
     * Handles a record of the requests topic.
     *
     * @param repartitioned whether another task has forwarded the record to this owner
     */
    void take(SourceRecord source, boolean repartitioned) {
        take(source, validator.check(source), repartitioned);
    }

    /** Handles a record whose schema the registry still does not know after enough attempts. */
    void takeUndecodable(SourceRecord source, String message) {
        take(source, validator.undecodable(source, message), true);
    }

    private void take(
            SourceRecord source, RequestValidator.Checked checked, boolean repartitioned) {
        Optional<RequestKey> identity = identity(checked);
        if (identity.isPresent() && !repartitioned && !ownership.owns(identity.get().user())) {
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
