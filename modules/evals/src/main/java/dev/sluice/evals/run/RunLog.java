package dev.sluice.evals.run;

import dev.sluice.evals.run.CaseRun.Slot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The runs of an eval in a file, one JSON object a line, each written before the next one begins:
 * an eval that was killed goes on where it was. Not for use by several threads.
 */
public final class RunLog implements AutoCloseable {
    private final FileChannel channel;
    private final Map<Slot, CaseRun> runs;

    private RunLog(FileChannel channel, Map<Slot, CaseRun> runs) {
        this.channel = channel;
        this.runs = runs;
    }

    /**
     * Opens a file, which may have runs already.
     *
     * @throws IOException if it cannot be written, is used by another process, or has lines that
     *     are no runs
     */
    public static RunLog open(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw new IOException(file + " is in use: another eval of the same kind runs");
            }
            byte[] bytes = Files.readAllBytes(file);
            int end = endOfLastLine(bytes);
            Map<Slot, CaseRun> runs = new LinkedHashMap<>();
            for (CaseRun run : parsed(file, new String(bytes, 0, end, StandardCharsets.UTF_8))) {
                runs.put(run.slot(), run);
            }
            // A line that a kill has cut off.
            var _ = channel.truncate(end).position(end);
            return new RunLog(channel, runs);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static int endOfLastLine(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    /**
     * The runs that lines have.
     *
     * @param file for the error
     */
    static List<CaseRun> parsed(Path file, String lines) throws IOException {
        try {
            return lines.lines()
                    .map(line -> JsonMapper.shared().readValue(line, CaseRun.class))
                    .toList();
        } catch (JacksonException e) {
            throw new IOException(
                    file + " is no file of runs; delete it to begin anew: " + e.getMessage(), e);
        }
    }

    /** Adds a run; returns when the disk has it. */
    public void add(CaseRun run) throws IOException {
        String line = JsonMapper.shared().writeValueAsString(run) + "\n";
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
        while (bytes.hasRemaining()) {
            var _ = channel.write(bytes);
        }
        channel.force(false);
        runs.put(run.slot(), run);
    }

    /** All runs, of which each slot has one: the last. */
    public Collection<CaseRun> runs() {
        return List.copyOf(runs.values());
    }

    /** Whether a slot has a run that says something about the model. */
    boolean has(Slot slot) {
        CaseRun run = runs.get(slot);
        return run != null && run.isJudged();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
