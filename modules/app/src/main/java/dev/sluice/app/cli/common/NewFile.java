package dev.sluice.app.cli.common;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that has its name only once it is complete. Until then it is beside it with the ending
 * {@code .part}, which is deleted if it does not become complete.
 */
public final class NewFile implements AutoCloseable {
    private final Path file;
    private final Path part;
    private final BufferedWriter writer;

    private NewFile(Path file, Path part, BufferedWriter writer) {
        this.file = file;
        this.part = part;
        this.writer = writer;
    }

    /**
     * Begins a file.
     *
     * @throws CommandFailedException if it exists, or cannot be written
     */
    public static NewFile create(Path file) {
        if (Files.exists(file)) {
            throw new CommandFailedException(file + " exists already; name a new file");
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            return new NewFile(file, part, Files.newBufferedWriter(part, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CommandFailedException("cannot write " + part + ": " + e.getMessage());
        }
    }

    public void println(String line) {
        try {
            writer.write(line);
            writer.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives the file its name. */
    public void complete() throws IOException {
        writer.close();
        Files.move(part, file);
    }

    /** Deletes the file, if it is not complete. */
    @Override
    public void close() {
        try {
            writer.close();
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
