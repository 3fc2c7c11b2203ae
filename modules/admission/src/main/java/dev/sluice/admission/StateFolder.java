package dev.sluice.admission;

import dev.sluice.runtime.kafka.EnvironmentException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.streams.errors.StreamsException;

/** Where admission's state is kept, and what can be wrong with it. */
record StateFolder(Path path) {
    private static final String KEY = "admission.state-dir";

    /** What the operating system says, in whatever exception it comes. */
    private static final String FULL = "No space left on device";

    private static final String READ_ONLY = "Read-only file system";

    /** Kafka Streams' words for a lock that it does not get. */
    private static final String IN_USE = "running in the same state directory";

    /**
     * Looks whether state can be kept there, and creates the folder if it is not there.
     *
     * @throws EnvironmentException if not
     */
    void require() {
        try {
            Files.createDirectories(path);
            Files.delete(Files.writeString(Files.createTempFile(path, "writable", ""), "yes"));
        } catch (IOException e) {
            throw new EnvironmentException(
                    problem(e).orElseGet(() -> named("cannot be written to: " + reason(e))), e);
        }
    }

    /**
     * Opens what keeps state there.
     *
     * @throws EnvironmentException if the folder is what is wrong
     */
    <T> T opened(Supplier<T> opening) {
        try {
            return opening.get();
        } catch (StreamsException e) {
            Optional<String> problem = problem(e);
            if (problem.isPresent()) {
                throw new EnvironmentException(problem.get(), e);
            }
            throw e;
        }
    }

    /** What is wrong with the folder, if that is what a failure is about; with the fix. */
    Optional<String> problem(Throwable failure) {
        for (Throwable one = failure; one != null; one = one.getCause()) {
            String message = String.valueOf(one.getMessage());
            if (message.contains(FULL)) {
                return Optional.of(
                        named(
                                "is on a disk that is full (%s left): free some space, or name a folder on a larger one"
                                        .formatted(left())));
            }
            if (message.contains(READ_ONLY)) {
                return Optional.of(named("is on a file system that is read-only"));
            }
            if (message.contains(IN_USE)) {
                return Optional.of(
                        named("is in use by another process: name one of its own for each"));
            }
        }
        return Optional.empty();
    }

    private static String reason(IOException failure) {
        String reason = failure instanceof FileSystemException of ? of.getReason() : null;
        return reason == null ? failure.getClass().getSimpleName() : reason;
    }

    private String named(String problem) {
        return KEY + " " + path.toAbsolutePath() + " " + problem;
    }

    private String left() {
        try {
            return String.format(
                    Locale.ROOT, "%,d bytes", Files.getFileStore(path).getUsableSpace());
        } catch (IOException e) {
            return "unknown how many bytes";
        }
    }
}
