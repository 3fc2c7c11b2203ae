package dev.sluice.admission;

import dev.sluice.admission.ledger.Budgets;
import dev.sluice.admission.ledger.DayBook;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.ledger.Ledger.Settled;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.Spend;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books what reservations came to, and tells what the user's day looks like then. Nothing read here
 * ever ends a request.
 */
final class Settling {
    private static final Logger log = LoggerFactory.getLogger(Settling.class);

    private final Ledger ledger;
    private final Budgets budgets;
    private final Consumer<Spend> publish;
    private final SluiceMetrics metrics;
    private final InstantSource clock;

    /**
     * Publishing may fail for want of the registry, so it comes before booking.
     *
     * @param publish takes each user's day as it is now
     */
    Settling(
            Ledger ledger,
            Budgets budgets,
            Consumer<Spend> publish,
            SluiceMetrics metrics,
            InstantSource clock) {
        this.ledger = ledger;
        this.budgets = budgets;
        this.publish = publish;
        this.metrics = metrics;
        this.clock = clock;
    }

    void settle(Settlement settlement) {
        String user = settlement.getUserId().toString();
        Cost spent = new Cost(settlement.getSpentUsd());
        Cost unconfirmed = new Cost(settlement.getUnconfirmedUsd());
        if (settlement.getLateCallId() != null) {
            book(ledger.late(user, settlement.getDay(), spent, unconfirmed));
            return;
        }
        String reservation = settlement.getReservationId().toString();
        Optional<Settled> settled = ledger.settlement(user, reservation, spent, unconfirmed);
        if (settled.isEmpty()) {
            log.atDebug()
                    .addKeyValue("reservationId", reservation)
                    .log("a reservation that is not open was settled again");
            return;
        }
        book(settled.get());
        Cost cost = spent.plus(unconfirmed);
        if (cost.compareTo(settled.get().reserved()) > 0) {
            metrics.count(Metric.RESERVATION_EXCEEDED);
            log.atWarn()
                    .addKeyValue("requestId", settlement.getRequestId())
                    .addKeyValue("costUsd", cost)
                    .addKeyValue("reservedUsd", settled.get().reserved())
                    .log("a job cost more than was reserved for it, and was booked in full");
        }
    }

    private void book(Settled settled) {
        DayBook book = settled.book();
        publish.accept(
                Spend.newBuilder()
                        .setUserId(settled.user())
                        .setDay(book.day())
                        .setLimitUsd(budgets.of(settled.user()).usd())
                        .setSpentUsd(book.spent().usd())
                        .setUnconfirmedUsd(book.unconfirmed().usd())
                        .setReservedUsd(book.reserved().usd())
                        .setUpdatedAt(clock.instant())
                        .build());
        ledger.book(settled);
    }
}
