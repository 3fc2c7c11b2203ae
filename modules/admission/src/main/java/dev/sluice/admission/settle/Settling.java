package dev.sluice.admission.settle;

import dev.sluice.admission.ceiling.Totals;
import dev.sluice.admission.ledger.Identity;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.ledger.Ledger.Settled;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Settlement;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books what reservations came to, and tells what the user's day looks like then. Nothing read here
 * ever ends a request.
 */
public final class Settling {
    private static final Logger log = LoggerFactory.getLogger(Settling.class);

    private final Ledger ledger;
    private final Totals totals;
    private final Spends spends;
    private final SluiceMetrics metrics;

    public Settling(Ledger ledger, Totals totals, Spends spends, SluiceMetrics metrics) {
        this.ledger = ledger;
        this.totals = totals;
        this.spends = spends;
        this.metrics = metrics;
    }

    /** False if it was settled before. */
    public boolean settle(Settlement settlement) {
        String user = settlement.getUserId().toString();
        Cost spent = new Cost(settlement.getSpentUsd());
        Cost unconfirmed = new Cost(settlement.getUnconfirmedUsd());
        if (settlement.getLateCallId() != null) {
            Settled late = ledger.late(user, settlement.getDay(), spent, unconfirmed);
            book(late);
            String analysis =
                    Objects.requireNonNullElse(settlement.getAnalysis(), Ceilings.ALL).toString();
            totals.settle(analysis, late.book().day(), Cost.ZERO, spent.plus(unconfirmed));
            return true;
        }
        String reservationId = settlement.getReservationId().toString();
        Identity request =
                new Identity(
                        user, settlement.getRequestId().toString(), settlement.getGeneration());
        Optional<Settled> settled = ledger.settlement(request, reservationId, spent, unconfirmed);
        if (settled.isEmpty()) {
            log.atDebug()
                    .addKeyValue("reservationId", reservationId)
                    .log("a reservation that is not open was settled again");
            return false;
        }
        Cost cost = spent.plus(unconfirmed);
        book(settled.get());
        settled.get()
                .reservation()
                .ifPresent(reservation ->
                        totals.settle(
                                reservation.analysis(),
                                settled.get().book().day(),
                                settled.get().reserved(),
                                cost));
        if (cost.compareTo(settled.get().reserved()) > 0) {
            metrics.count(Metric.RESERVATION_EXCEEDED);
            log.atWarn()
                    .addKeyValue("requestId", settlement.getRequestId())
                    .addKeyValue("costUsd", cost.usd())
                    .addKeyValue("reservedUsd", settled.get().reserved().usd())
                    .log("a job cost more than was reserved for it, and was booked in full");
        }
        return true;
    }

    /** Telling may fail for want of the registry, so it comes before booking. */
    private void book(Settled settled) {
        spends.tell(settled.user(), ledger.daily(settled.user()), settled.book());
        ledger.book(settled);
    }
}
