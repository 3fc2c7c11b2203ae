package dev.sluice.e2e;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes docs/MISTAKES.md: the observed messages, without the parts that differ between runs. */
final class MistakesPage {
    private static final String HEAD =
            """
            # What can be wrong, and what says so

            Every row was seen by `MistakesIT`, which writes this page. HOST:PORT, FOLDER and N stand for what differs from one installation to another, … for the client's own words.
            Exit code 1: something outside has to be mended. 2: the command line or the configuration has to be. No message has a stack trace, or the value of a secret.
            A full disk is tried by `FullDiskIT`, where one may be mounted; brokers of an old `transaction.version`, expired offsets and too many partitions end a service in the same way.
            """;

    private static final int LINES = 2;

    private final Map<String, String> differing;
    private final Map<String, List<String>> sections = new LinkedHashMap<>();

    /**
     * @param differing texts that differ between runs, with their placeholders
     */
    MistakesPage(Map<String, String> differing) {
        this.differing = differing;
    }

    /** Adds a row for a process that ended, with its last message. */
    void ended(String section, String what, String command, String message, int exitCode) {
        rows(section, "| what is wrong | command | it says | exit code |\n|---|---|---|---|")
                .add("| %s | `%s` | %s | %d |".formatted(what, command, cell(message), exitCode));
    }

    /** Adds a row for a process that keeps running, with its readiness and log. */
    void goesOn(String what, String readiness, String log, String back) {
        rows(
                        "While a service runs",
                        "| what is lost | readiness, 503 | one line of the log | when it is back |\n|---|---|---|---|")
                .add(
                        "| %s | %s | %s | %s |"
                                .formatted(what, cell(readiness), cell(log), cell(back)));
    }

    private List<String> rows(String section, String head) {
        return sections.computeIfAbsent(section, _ -> new ArrayList<>(List.of(head)));
    }

    private String cell(String text) {
        String plain = text.strip();
        for (Map.Entry<String, String> one : differing.entrySet()) {
            plain = plain.replace(one.getKey(), one.getValue());
        }
        List<String> lines = plain.lines().map(String::strip).toList();
        String shown = String.join("<br>", lines.subList(0, Math.min(LINES, lines.size())));
        return shown.replaceAll("(127\\.0\\.0\\.1|localhost):\\d+", "HOST:PORT")
                        .replaceAll("\\d[\\d.]* s\\b", "N s")
                        .replaceAll("\"\\d+\"", "\"N\"")
                        .replaceAll("(topics create) \\(.*\\)", "$1 (NAMES)")
                        .replaceAll("(reached from here\\?) .*", "$1 …")
                        .replaceAll("(no answer for N s [^)]*\\)): .*", "$1: …")
                        .replaceAll("reason=\".*\"", "reason=…")
                        .replace("|", "\\|")
                + (lines.size() > LINES ? "<br>…" : "");
    }

    String markdown() {
        StringBuilder page = new StringBuilder(HEAD);
        sections.forEach((section, rows) -> {
            page.append("\n## ").append(section).append("\n\n");
            rows.forEach(row -> page.append(row).append('\n'));
        });
        return page.toString();
    }
}
