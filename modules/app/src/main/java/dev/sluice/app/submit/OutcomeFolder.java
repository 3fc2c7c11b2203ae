package dev.sluice.app.submit;

import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RecordJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.generic.GenericRecord;

/** A folder with a file for each outcome, named after the item. */
public final class OutcomeFolder implements OutcomeSink {
    private static final String RESULT = ".result.json";
    private static final String DEAD_LETTER = ".dead-letter.json";

    private final Path folder;
    private final List<Submission.Planned> planned;

    OutcomeFolder(Path folder, List<Submission.Planned> planned) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new InvalidSourceException(
                    "--out "
                            + folder
                            + " is a file; name a folder, or a new file that ends with .jsonl or"
                            + " .csv");
        }
        Files.createDirectories(folder);
        this.folder = folder;
        this.planned = List.copyOf(planned);
    }

    @Override
    public void add(int index, OutcomeRecord outcome) throws IOException {
        write(folder, planned.get(index).label(), outcome.isResult(), outcome.value());
    }

    /**
     * Writes an outcome, and deletes an earlier one of the other kind.
     *
     * @param name of the item; may be in a folder of its own
     */
    public static void write(Path folder, String name, boolean isResult, GenericRecord outcome)
            throws IOException {
        Path place = folder.resolve(name.replace(':', '-').replaceFirst("^/+", "")).normalize();
        if (!place.startsWith(folder.normalize())) {
            place = folder.resolve(String.valueOf(place.getFileName()));
        }
        Path parent = place.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        String file = String.valueOf(place.getFileName());
        Files.writeString(
                place.resolveSibling(file + (isResult ? RESULT : DEAD_LETTER)),
                RecordJson.page(outcome) + "\n");
        Files.deleteIfExists(place.resolveSibling(file + (isResult ? DEAD_LETTER : RESULT)));
    }

    @Override
    public void complete() {}

    @Override
    public void close() {}
}
