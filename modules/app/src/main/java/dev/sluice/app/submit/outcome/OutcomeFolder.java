package dev.sluice.app.submit.outcome;

import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.submit.RequestIds;
import dev.sluice.app.submit.Submission;
import dev.sluice.app.submit.source.InvalidSourceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;

/** A folder with a file for each outcome, named after the item. */
public final class OutcomeFolder implements OutcomeSink {
    private static final String RESULT = ".result.json";
    private static final String DEAD_LETTER = ".dead-letter.json";

    /** In bytes, without the ending; file systems allow 255 with it. */
    private static final int LONGEST_NAME = 200;

    private final List<Path> places;

    OutcomeFolder(Path folder, List<Submission.Planned> planned) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new InvalidSourceException(
                    "--out "
                            + folder
                            + " is a file; name a folder, or a new file that ends with .jsonl or"
                            + " .csv");
        }
        Files.createDirectories(folder);
        this.places = places(folder, planned);
    }

    @Override
    public void add(int index, OutcomeRecord outcome) throws IOException {
        write(places.get(index), outcome.isResult(), outcome.value());
    }

    /**
     * Writes an outcome, and deletes an earlier one of the other kind.
     *
     * @param name of the item
     */
    public static void write(Path folder, String name, boolean isResult, GenericRecord outcome)
            throws IOException {
        write(place(folder, name), isResult, outcome);
    }

    private static void write(Path place, boolean isResult, GenericRecord outcome)
            throws IOException {
        Files.createDirectories(Optional.ofNullable(place.getParent()).orElse(place));
        String file = String.valueOf(place.getFileName());
        Files.writeString(
                place.resolveSibling(file + (isResult ? RESULT : DEAD_LETTER)),
                RecordJson.page(outcome) + "\n");
        Files.deleteIfExists(place.resolveSibling(file + (isResult ? DEAD_LETTER : RESULT)));
    }

    /** Where the outcome of an item is written, without its ending; always in the folder. */
    private static Path place(Path folder, String name) {
        Path root = folder.toAbsolutePath().normalize();
        Path place = root.resolve(name.replace(':', '-').replaceFirst("^/+", "")).normalize();
        if (!place.startsWith(root) || place.equals(root)) {
            place = root.resolve(RequestIds.hash(name));
        }
        String file = String.valueOf(place.getFileName());
        return file.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME
                ? place
                : place.resolveSibling(file.substring(0, 40) + "-" + RequestIds.hash(name));
    }

    /** The places of all items; no two are alike. */
    private static List<Path> places(Path folder, List<Submission.Planned> planned) {
        Set<Path> taken = new HashSet<>();
        List<Path> places = new ArrayList<>();
        for (Submission.Planned one : planned) {
            Path place = place(folder, one.label());
            for (int i = 2; !taken.add(place); i++) {
                place = place(folder, one.label() + "-" + i);
            }
            places.add(place);
        }
        return places;
    }

    @Override
    public void complete() {}

    @Override
    public void close() {}
}
