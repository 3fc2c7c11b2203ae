package dev.sluice.evals.run;

import dev.sluice.analysis.price.Cost;
import dev.sluice.evals.run.CaseRun.Slot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
    private final Map<Slot, CaseRun> runs = new LinkedHashMap<>();

    /** What each slot has cost and may have cost, with runs that were made again. */
    private final Map<Slot, Cost> spent = new HashMap<>();

    private RunLog(FileChannel channel) {
        this.channel = channel;
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
            requireAlone(file, channel);
            byte[] bytes = Files.readAllBytes(file);
            int end = endOfLastLine(bytes);
            RunLog log = new RunLog(channel);
            parsed(file, new String(bytes, 0, end, StandardCharsets.UTF_8)).forEach(log::take);
            // A line that a kill has cut off.
            var _ = channel.truncate(end).position(end);
            return log;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void requireAlone(Path file, FileChannel channel) throws IOException {
        boolean isAlone;
        try {
            isAlone = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            isAlone = false;
        }
        if (!isAlone) {
            throw new IOException(file + " is in use: another eval of the same kind runs");
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
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line(run));
        while (bytes.hasRemaining()) {
            var _ = channel.write(bytes);
        }
        channel.force(false);
        take(run);
    }

    private void take(CaseRun run) {
        runs.put(run.slot(), run);
        spent.merge(run.slot(), new Cost(run.costUsd().add(run.unconfirmedUsd())), Cost::plus);
    }

    /** What a slot has cost and may have cost so far, with runs that were made again. */
    Cost spent(Slot slot) {
        return spent.getOrDefault(slot, Cost.ZERO);
    }

    /** Forgets all runs. */
    public void clear() throws IOException {
        var _ = channel.truncate(0).position(0);
        runs.clear();
        spent.clear();
    }

    /**
     * Moves runs into a file of their own; the others stay.
     *
     * @param file a new file
     */
    public void move(Collection<CaseRun> moved, Path file) throws IOException {
        StringBuilder lines = new StringBuilder();
        moved.forEach(run -> lines.append(line(run)));
        Files.writeString(file, lines, StandardOpenOption.CREATE_NEW);
        List<CaseRun> rest = new ArrayList<>(runs.values());
        rest.removeAll(moved);
        clear();
        for (CaseRun run : rest) {
            add(run);
        }
    }

    private static String line(CaseRun run) {
        return JsonMapper.shared().writeValueAsString(run) + "\n";
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
