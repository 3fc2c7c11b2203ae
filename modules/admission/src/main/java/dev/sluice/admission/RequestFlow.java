package dev.sluice.admission;

import dev.sluice.admission.check.Decision;
import dev.sluice.admission.check.Gatekeeper;
import dev.sluice.admission.decide.Admitting;
import dev.sluice.admission.ledger.Identity;
import dev.sluice.admission.ledger.Requests;
import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What becomes of records of the requests topic on the task that reads them: each is brought to the
 * task that keeps its user's books, and there taken once. Not safe for use by several threads.
 */
final class RequestFlow {
    private final Gatekeeper gatekeeper;
    private final Admitting admitting;
    private final Requests requests;
    private final Home home;
    private final Exits exits;
    private final SluiceMetrics metrics;
    private final InstantSource clock;

    /** Where decisions go. */
    interface Exits {
        void publish(Decision decision);

        /** To the task that keeps the user's books. */
        void bringHome(String user, SourceRecord source);
    }

    /** Whose books this task keeps. */
    interface Home {
        boolean keeps(String user);
    }

    RequestFlow(
            Gatekeeper gatekeeper,
            Admitting admitting,
            Requests requests,
            Home home,
            Exits exits,
            SluiceMetrics metrics,
            InstantSource clock) {
        this.gatekeeper = gatekeeper;
        this.admitting = admitting;
        this.requests = requests;
        this.home = home;
        this.exits = exits;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Takes a record of the requests topic.
     *
     * @param brought whether another task has brought it here
     */
    void take(SourceRecord source, boolean brought) {
        take(source, gatekeeper.check(source), brought);
    }

    /** Takes a record whose schema the registry does not know, after asking often enough. */
    void takeUndecodable(SourceRecord source, String message) {
        take(source, gatekeeper.undecodable(source, message), true);
    }

    private void take(SourceRecord source, Gatekeeper.Checked checked, boolean brought) {
        Optional<Identity> identity = identity(checked);
        if (identity.isPresent() && !brought && !home.keeps(identity.get().user())) {
            exits.bringHome(identity.get().user(), source);
            return;
        }
        Instant now = clock.instant();
        if (identity.isPresent() && requests.contains(identity.get(), now)) {
            metrics.count(Metric.DUPLICATES);
            return;
        }
        switch (checked) {
            case Gatekeeper.Sound(var request) -> admitting.enter(request);
            case Gatekeeper.Unsound(_, var refusal) -> exits.publish(refusal);
        }
        identity.ifPresent(known -> requests.add(known, now));
    }

    private static Optional<Identity> identity(Gatekeeper.Checked checked) {
        return switch (checked) {
            case Gatekeeper.Sound(var request) -> Optional.of(request.identity());
            case Gatekeeper.Unsound(var identity, _) -> identity;
        };
    }
}
