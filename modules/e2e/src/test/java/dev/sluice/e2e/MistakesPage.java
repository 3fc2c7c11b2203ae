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

            `MistakesIT` makes each of these mistakes and writes this page from the messages that it gets. HOST:PORT,
            FOLDER and N stand for what differs between installations, … for further lines, or words of Kafka's client. In names of
            deployments, `gpt-4.1-mini/openai-0` is the model, the provider, and the position in `models.NAME.deployments`.

            - Exit code 1: something outside has to be fixed. Exit code 2: the command line or the configuration has to be.
            - Mistakes in the configuration are reported all at once, and nothing is started.
            - No message has a stack trace, or the value of a secret.
            - `topics are missing`: a new analysis, a new model, a new version or another `topics.prefix` needs further
              topics. Run `sluice topics create` with the same configuration. It makes those that are missing, and never
              changes a topic that exists.

            [METRICS.md](METRICS.md#health) says what to do about each part of readiness. It also has [further
            messages](METRICS.md#messages): a full disk, expired offsets, deleted jobs, old brokers, wrong numbers of
            partitions, models without a price.
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
