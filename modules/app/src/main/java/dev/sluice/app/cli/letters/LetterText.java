package dev.sluice.app.cli.letters;

import dev.sluice.app.cli.common.Table;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.letters.Discards;
import dev.sluice.app.letters.LetterGroups;
import dev.sluice.app.letters.LetterGroups.By;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.DeadLetter;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Dead letters as tables and as lines of JSON. */
final class LetterText {
    private LetterText() {}

    /** With a column for the notes of discarded ones, if there are any. */
    static void table(PrintWriter out, List<StoredLetter> letters, Discards discards) {
        boolean hasNotes =
                letters.stream().anyMatch(letter -> discards.at(letter.place()).isPresent());
        List<Table.Column> columns =
                new ArrayList<>(
                        List.of(
                                Table.text("time (UTC)"),
                                Table.text("request"),
                                Table.text("user"),
                                Table.text("analysis"),
                                Table.text("reason"),
                                Table.number("generation"),
                                Table.number("calls"),
                                Table.number("cost USD"),
                                Table.text("message")));
        if (hasNotes) {
            columns.add(Table.text("discarded"));
        }
        Table table = new Table(columns);
        for (StoredLetter stored : letters) {
            DeadLetter letter = stored.letter();
            List<@Nullable CharSequence> row =
                    new ArrayList<>(
                            Arrays.asList(
                                    Table.time(stored.failedAt()),
                                    letter.getRequestId(),
                                    letter.getUserId(),
                                    letter.getAnalysis(),
                                    letter.getReason().name(),
                                    String.valueOf(letter.getGeneration()),
                                    String.valueOf(letter.getCalls()),
                                    stored.costUsd().toPlainString(),
                                    Table.cut(letter.getMessage().toString())));
            if (hasNotes) {
                row.add(
                        discards.at(stored.place())
                                .map(done -> Table.cut(done.getNote().toString()))
                                .orElse(""));
            }
            table.row(row);
        }
        table.print(out);
    }

    static void table(PrintWriter out, List<By> by, List<LetterGroups.Group> groups) {
        List<Table.Column> columns =
                new ArrayList<>(by.stream().map(LetterText::name).map(Table::text).toList());
        columns.add(Table.number("dead letters"));
        columns.add(Table.number("cost USD"));
        Table table = new Table(columns);
        for (LetterGroups.Group group : groups) {
            List<String> row = new ArrayList<>(group.values());
            row.add(String.format(Locale.ROOT, "%,d", group.count()));
            row.add(group.costUsd().toPlainString());
            table.row(row);
        }
        long all = groups.stream().mapToLong(LetterGroups.Group::count).sum();
        BigDecimal cost =
                groups.stream()
                        .map(LetterGroups.Group::costUsd)
                        .reduce(BigDecimal.ZERO, BigDecimal::add);
        List<String> sum = new ArrayList<>(by.stream().map(_ -> "").toList());
        sum.set(0, "all");
        sum.add(String.format(Locale.ROOT, "%,d", all));
        sum.add(cost.toPlainString());
        table.sum(sum);
        table.print(out);
    }

    static String line(List<By> by, LetterGroups.Group group) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        for (int i = 0; i < by.size(); i++) {
            line.put(name(by.get(i)), group.values().get(i));
        }
        return RecordJson.line(
                line.put("deadLetters", group.count()).put("costUsd", group.costUsd()));
    }

    private static String name(By by) {
        return by.name().toLowerCase(Locale.ROOT);
    }
}
