package dev.sluice.admission.settle;

import dev.sluice.admission.ceiling.GlobalBudget;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.ledger.Ledger.Settled;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Settlement;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.time.LocalDate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books settlements in the ledger and under the ceilings, and publishes the user's day. An error
 * here never ends a request.
 */
public final class SettlementProcessor {
    private static final Logger log = LoggerFactory.getLogger(SettlementProcessor.class);

    private final Ledger ledger;
    private final GlobalBudget globalBudget;
    private final SpendPublisher spends;
    private final SluiceMetrics metrics;

    public SettlementProcessor(
            Ledger ledger,
            GlobalBudget globalBudget,
            SpendPublisher spends,
            SluiceMetrics metrics) {
        this.ledger = ledger;
        this.globalBudget = globalBudget;
        this.spends = spends;
        this.metrics = metrics;
    }

    /** Books a settlement; returns false if the reservation was settled before. */
    public boolean settle(Settlement settlement) {
        String user = settlement.getUserId().toString();
        Cost spent = new Cost(settlement.getSpentUsd());
        Cost unconfirmed = new Cost(settlement.getUnconfirmedUsd());
        if (settlement.getLateCallId() != null) {
            Settled late = ledger.late(user, settlement.getDay(), spent, unconfirmed);
            book(late);
            settleLate(settlement.getAnalysis(), late.book().day(), spent.plus(unconfirmed));
            return true;
        }
        String reservationId = settlement.getReservationId().toString();
        RequestKey request =
                new RequestKey(
                        user, settlement.getRequestId().toString(), settlement.getGeneration());
        Optional<Settled> settled = ledger.settlement(request, reservationId, spent, unconfirmed);
        if (settled.isEmpty()) {
            log.atDebug()
                    .addKeyValue("reservationId", reservationId)
                    .log("duplicate settlement ignored: the reservation is not open");
            return false;
        }
        Cost cost = spent.plus(unconfirmed);
        book(settled.get());
        settled.get()
                .reservation()
                .ifPresent(reservation ->
                        globalBudget.settle(
                                reservation.analysis(),
                                settled.get().book().day(),
                                settled.get().reserved(),
                                cost));
        settled.get()
                .reservation()
                .ifPresent(reservation ->
                        metrics.add(
                                Metric.REFUNDED,
                                reservation.cap().minus(cost).max(Cost.ZERO).usd(),
                                reservation.analysis()));
        if (cost.compareTo(settled.get().reserved()) > 0) {
            metrics.count(Metric.RESERVATION_EXCEEDED);
            log.atWarn()
                    .addKeyValue("requestId", settlement.getRequestId().toString())
                    .addKeyValue("costUsd", cost.usd())
                    .addKeyValue("reservedUsd", settled.get().reserved().usd())
                    .log("a job cost more than its reservation and is booked in full");
        }
        return true;
    }

    /** Books a late call under the ceilings. */
    private void settleLate(@Nullable CharSequence analysis, LocalDate day, Cost cost) {
        if (analysis == null) {
            globalBudget.settle(day, Cost.ZERO, cost);
        } else {
            globalBudget.settle(analysis.toString(), day, Cost.ZERO, cost);
        }
    }

    /** Publishes first and books then, because publishing may fail while the registry is down. */
    private void book(Settled settled) {
        spends.publish(settled.user(), ledger.daily(settled.user()), settled.book());
        ledger.book(settled);
    }
}
