package dev.sluice.e2e;

import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.ChargedCall;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Compares the provider's bill with {@code calls.v1}, call by call, by the id of each call.
 *
 * @param problems the differences
 * @param lost charged calls that are booked as unconfirmed
 * @param unconfirmed all unconfirmed calls, including those that were never charged
 */
record BillComparison(List<String> problems, int lost, int unconfirmed) {
    static BillComparison compare(List<ChargedCall> bill, List<Read> calls) {
        List<String> problems = new ArrayList<>();
        Map<String, Read> rows = new HashMap<>();
        for (Read row : calls) {
            if (rows.put(row.text("callId"), row) != null) {
                problems.add("booked twice: " + row.value());
            }
        }
        Map<String, BigDecimal> open = new HashMap<>();
        int lost = 0;
        for (ChargedCall charged : bill) {
            if (open.put(charged.callId(), charged.usd()) != null) {
                problems.add("charged twice under one id: " + charged);
            }
            Read row = rows.get(charged.callId());
            if (row == null) {
                problems.add("charged and not booked: " + charged);
            } else if (isUnconfirmed(row)) {
                lost++;
                if (usd(row).compareTo(charged.usd()) < 0) {
                    problems.add("booked below its cost: " + charged + " " + row.value());
                }
            } else if (usd(row).compareTo(charged.usd()) != 0) {
                problems.add("booked at another cost: " + charged + " " + row.value());
            }
        }
        for (Read row : calls) {
            boolean charged = open.containsKey(row.text("callId"));
            if (!charged && !isUnconfirmed(row) && usd(row).signum() != 0) {
                problems.add("booked and never charged: " + row.value());
            }
        }
        return new BillComparison(
                problems, lost, (int) calls.stream().filter(BillComparison::isUnconfirmed).count());
    }

    /**
     * Problems unless the amounts that admission booked equal the cost of the calls, to the last
     * digit.
     */
    static Optional<String> compareLedger(CommittedRecords committed, List<Read> calls)
            throws InterruptedException {
        BigDecimal cost = PipelineIT.spend(calls);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        BigDecimal booked = committed.booked();
        while (booked.compareTo(cost) != 0 && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(200);
            booked = committed.booked();
        }
        return booked.compareTo(cost) == 0
                ? Optional.empty()
                : Optional.of("the calls cost " + cost + ", the ledger says " + booked);
    }

    static boolean isUnconfirmed(Read row) {
        return row.text("status").equals("UNCONFIRMED");
    }

    private static BigDecimal usd(Read row) {
        return (BigDecimal) row.value().get("costUsd");
    }
}
