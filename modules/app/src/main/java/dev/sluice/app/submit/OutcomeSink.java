package dev.sluice.app.submit;

import dev.sluice.app.client.OutcomeRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Keeps the outcomes of a submission. */
public interface OutcomeSink extends AutoCloseable {
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
    static OutcomeSink of(Path out, List<Submission.Planned> planned) throws IOException {
        String name = out.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return new OutcomeLines(out, planned, OutcomeLines.Format.JSON_LINES);
        }
        return name.endsWith(".csv")
                ? new OutcomeLines(out, planned, OutcomeLines.Format.CSV)
                : new OutcomeFolder(out, planned);
    }
}
