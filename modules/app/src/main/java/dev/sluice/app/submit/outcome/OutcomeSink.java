package dev.sluice.app.submit.outcome;

import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.submit.Submission;
import dev.sluice.app.submit.source.InvalidSourceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Keeps the outcomes of a submission. */
public interface OutcomeSink extends AutoCloseable {
    /** Names that end like those of files. */
    Pattern LIKE_A_FILE = Pattern.compile(".*\\.[a-z0-9]{1,5}");

    /**
     * Takes an outcome.
     *
     * @param index place of its request in the submission, from 0
     */
    void add(int index, OutcomeRecord outcome) throws IOException;

    /** Writes what has to be written at the end: all requests, in the order of the sources. */
    void complete() throws IOException;

    /** Deletes what is not complete. */
    @Override
    void close() throws IOException;

    /**
     * A sink for a file, by its ending: {@code .jsonl} or {@code .csv}; otherwise for a folder.
     *
     * @throws InvalidSourceException if the file exists, or cannot be written
     */
    static OutcomeSink of(String path, List<Submission.Planned> planned) throws IOException {
        Path out = Path.of(path);
        String name = path.toLowerCase(Locale.ROOT);
        if (LIKE_A_FILE.matcher(name).matches() && !isLines(name) && !Files.isDirectory(out)) {
            throw new InvalidSourceException(
                    "--out "
                            + path
                            + ": a file must end with .jsonl or .csv; for a folder of this name"
                            + " write "
                            + path
                            + "/");
        }
        if (isLines(name) && !name.endsWith(".csv")) {
            return new OutcomeLines(out, planned, OutcomeLines.Format.JSON_LINES);
        }
        return name.endsWith(".csv")
                ? new OutcomeLines(out, planned, OutcomeLines.Format.CSV)
                : new OutcomeFolder(out, planned);
    }

    private static boolean isLines(String name) {
        return name.endsWith(".jsonl") || name.endsWith(".ndjson") || name.endsWith(".csv");
    }
}
