package dev.sluice.app.cli;

import dev.sluice.app.client.RecordJson;
import dev.sluice.app.letters.LetterGroups;
import dev.sluice.app.letters.LetterGroups.By;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.DeadLetter;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Dead letters as tables and as lines of JSON. */
final class LetterText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private static final int WIDEST = 40;

    private LetterText() {}

    static void table(PrintWriter out, List<StoredLetter> letters) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(
                List.of(
                        "time (UTC)",
                        "request",
                        "user",
                        "analysis",
                        "reason",
                        "redriven",
                        "calls",
                        "cost USD",
                        "message"));
        for (StoredLetter stored : letters) {
            DeadLetter letter = stored.letter();
            rows.add(
                    List.of(
                            TIME.format(stored.failedAt()),
                            SafeText.orNone(letter.getRequestId()),
                            SafeText.orNone(letter.getUserId()),
                            SafeText.orNone(letter.getAnalysis()),
                            letter.getReason().name(),
                            String.valueOf(letter.getGeneration()),
                            String.valueOf(letter.getCalls()),
                            stored.costUsd().toPlainString(),
                            SafeText.of(letter.getMessage())));
        }
        print(out, rows, 5, 8);
    }

    static void table(PrintWriter out, List<By> by, List<LetterGroups.Group> groups) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(by.stream().map(LetterText::name).toList());
        head.add("dead letters");
        head.add("cost USD");
        rows.add(head);
        for (LetterGroups.Group group : groups) {
            List<String> row = new ArrayList<>(group.values().stream().map(SafeText::of).toList());
            row.add(String.format(Locale.ROOT, "%,d", group.count()));
            row.add(group.costUsd().toPlainString());
            rows.add(row);
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
        rows.add(sum);
        print(out, rows, by.size(), rows.getFirst().size());
    }

    /** Prints rows; the columns from {@code numbers} up to {@code end} are numbers. */
    private static void print(PrintWriter out, List<List<String>> rows, int numbers, int end) {
        int[] widths =
                IntStream.range(0, rows.getFirst().size())
                        .map(column ->
                                rows.stream()
                                        .mapToInt(row -> cut(row.get(column)).length())
                                        .max()
                                        .orElse(0))
                        .toArray();
        for (List<String> row : rows) {
            String line =
                    IntStream.range(0, row.size())
                            .mapToObj(i ->
                                    String.format(
                                            "%"
                                                    + (i >= numbers && i < end ? "" : "-")
                                                    + widths[i]
                                                    + "s",
                                            cut(row.get(i))))
                            .collect(Collectors.joining("  "));
            out.println(line.stripTrailing());
        }
    }

    static String line(StoredLetter stored) {
        DeadLetter letter = stored.letter();
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("failedAt", stored.failedAt().toString());
        line.put("requestId", text(letter.getRequestId()));
        line.put("userId", text(letter.getUserId()));
        line.put("generation", letter.getGeneration());
        line.put("analysis", text(letter.getAnalysis()));
        line.put("analysisVersion", text(letter.getAnalysisVersion()));
        line.put("model", text(letter.getModel()));
        line.put("kind", letter.getKind().name());
        line.put("reason", letter.getReason().name());
        line.put("message", text(letter.getMessage()));
        line.put("calls", letter.getCalls());
        line.put("costUsd", letter.getCostUsd());
        line.put("unconfirmedUsd", letter.getUnconfirmedUsd());
        line.put("stage", letter.getStage().name());
        line.put("retryAt", text(letter.getRetryAt()));
        line.put("paidBy", text(letter.getPaidBy()));
        line.put("partition", stored.partition());
        line.put("offset", stored.offset());
        return RecordJson.line(line);
    }

    static String line(List<By> by, LetterGroups.Group group) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        for (int i = 0; i < by.size(); i++) {
            line.put(name(by.get(i)), group.values().get(i));
        }
        return RecordJson.line(
                line.put("deadLetters", group.count()).put("costUsd", group.costUsd()));
    }

    private static @Nullable String text(@Nullable Object field) {
        return field == null ? null : field.toString();
    }

    private static String name(By by) {
        return by.name().toLowerCase(Locale.ROOT);
    }

    private static String cut(String text) {
        return text.codePointCount(0, text.length()) <= WIDEST
                ? text
                : text.substring(0, text.offsetByCodePoints(0, WIDEST - 1)) + "…";
    }
}
