package dev.sluice.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes every complete outcome as JSON to a file of its own. */
final class OutcomeFiles {
    /** Writes amounts without an exponent. */
    private static final JsonMapper PLAIN =
            JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

    private OutcomeFiles() {}

    static void write(Path folder, List<DemoOutcome> outcomes) throws IOException {
        Files.createDirectories(folder);
        for (DemoOutcome outcome : outcomes) {
            String kind = outcome.isResult() ? ".result.json" : ".dead-letter.json";
            Files.writeString(
                    folder.resolve(baseName(outcome.page()) + kind),
                    PLAIN.writerWithDefaultPrettyPrinter()
                                    .writeValueAsString(RecordJson.of(outcome.record()))
                            + "\n");
        }
    }

    private static String baseName(String page) {
        int dot = page.lastIndexOf('.');
        return dot > 0 ? page.substring(0, dot) : page;
    }
}
