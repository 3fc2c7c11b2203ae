package dev.sluice.app.submit.outcome;

import dev.sluice.app.submit.source.InvalidSourceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A file in which lines are written in any order, and read by their number. Deleted at the end. */
final class LineSpool implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final long[] positions;
    private final int[] lengths;

    LineSpool(Path file, int lines) throws IOException {
        this.file = file;
        this.channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        if (!isLocked()) {
            channel.close();
            throw new InvalidSourceException(
                    "another sluice submit is writing " + file + "; wait for it, or name another");
        }
        // What a killed command has left.
        channel.truncate(0);
        this.positions = new long[lines];
        this.lengths = new int[lines];
    }

    /** Locks the file for this process, until it is closed. */
    private boolean isLocked() throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /**
     * Writes a line, in place of an earlier one of this number.
     *
     * @param line not empty
     */
    void put(int number, String line) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
        positions[number] = channel.size();
        lengths[number] = bytes.remaining();
        long position = positions[number];
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
    }

    /** A line; empty if there is none of this number. */
    Optional<String> get(int number) throws IOException {
        if (lengths[number] == 0) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(lengths[number]);
        long position = positions[number];
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, position);
            if (read < 0) {
                throw new IOException(file + " was cut off by another program");
            }
            position += read;
        }
        return Optional.of(StandardCharsets.UTF_8.decode(bytes.flip()).toString());
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(file);
    }
}
