package dev.sluice.demo;

import dev.sluice.app.client.RecordJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes every complete outcome as JSON to a file of its own. */
final class OutcomeFiles {
    private OutcomeFiles() {}

    static void write(Path folder, List<DemoOutcome> outcomes) throws IOException {
        Files.createDirectories(folder);
        for (DemoOutcome outcome : outcomes) {
            String kind = outcome.isResult() ? ".result.json" : ".dead-letter.json";
            Files.writeString(
                    folder.resolve(baseName(outcome.page()) + kind),
                    RecordJson.page(outcome.record()) + "\n");
        }
    }

    private static String baseName(String page) {
        int dot = page.lastIndexOf('.');
        return dot > 0 ? page.substring(0, dot) : page;
    }
}
