package dev.sluice.app.cli;

import dev.sluice.contract.Spend;
import java.io.PrintWriter;
import java.util.List;

/** Prints users' days as a table. */
final class SpendTable {
    private SpendTable() {}

    static void print(PrintWriter out, List<Spend> spends) {
        if (spends.isEmpty()) {
            out.println("no spend was booked");
            return;
        }
        String row = "%-10s  %-24s  %14s  %14s  %14s  %14s%n";
        out.printf(row, "day", "user", "spent USD", "unconfirmed", "reserved", "limit");
        for (Spend spend : spends) {
            out.printf(
                    row,
                    spend.getDay(),
                    spend.getUserId(),
                    spend.getSpentUsd().toPlainString(),
                    spend.getUnconfirmedUsd().toPlainString(),
                    spend.getReservedUsd().toPlainString(),
                    spend.getLimitUsd().toPlainString());
        }
    }
}
