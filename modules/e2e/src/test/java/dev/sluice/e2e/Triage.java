package dev.sluice.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An analysis in addition to the built-in ones: support tickets, answered by another provider. */
final class Triage {
    static final String NAME = "triage";
    static final String MODEL = "claude-haiku-4-5";
    private static final Path SUPPORT_TICKET = Path.of("../../analyses/support-ticket");

    private Triage() {}

    /** Writes the analysis into a folder of analyses and returns that folder. */
    static Path folderIn(Path parent) throws IOException {
        Path analyses = parent.resolve("analyses");
        Path triage = Files.createDirectories(analyses.resolve(NAME));
        Files.writeString(
                triage.resolve("analysis.yaml"),
                Files.readString(SUPPORT_TICKET.resolve("analysis.yaml"))
                        .replace("name: support-ticket", "name: " + NAME)
                        .replace("model: gpt-4.1-mini", "model: " + MODEL)
                        .replace("fallbacks: [gpt-4o-mini]", "fallbacks: []"));
        Files.copy(
                SUPPORT_TICKET.resolve("output.schema.json"), triage.resolve("output.schema.json"));
        return analyses;
    }
}
