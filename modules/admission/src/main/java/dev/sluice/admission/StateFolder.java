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

/** The folder of admission's state, and the errors that it can cause. */
record StateFolder(Path path) {
    private static final String KEY = "admission.state-dir";

    /** Texts of the operating system's errors, whatever exception carries them. */
    private static final String FULL = "No space left on device";

    private static final String READ_ONLY = "Read-only file system";

    /** Kafka Streams' text for a lock that another process holds. */
    private static final String IN_USE = "running in the same state directory";

    /**
     * Creates the folder if it is missing, and checks that it can be written to.
     *
     * @throws EnvironmentException if not
     */
    void require() {
        try {
            Files.createDirectories(path);
            Files.delete(Files.writeString(Files.createTempFile(path, "writable", ""), "yes"));
        } catch (IOException e) {
            throw new EnvironmentException(
                    problem(e).orElseGet(() -> described("cannot be written to: " + reason(e))), e);
        }
    }

    /**
     * The folder of the state at one Kafka cluster. State is a copy of what the cluster has, and of
     * no use at another one: admission would skip requests that it knows from there.
     *
     * @param clusterId letters, digits, hyphens and underscores
     */
    Path of(String clusterId) {
        return path.resolve(clusterId);
    }

    /**
     * Runs an action that opens state in the folder.
     *
     * @throws EnvironmentException if the folder causes the failure
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

    /** The problem with the folder, with the fix; empty if the failure has another cause. */
    Optional<String> problem(Throwable failure) {
        for (Throwable one = failure; one != null; one = one.getCause()) {
            String message = String.valueOf(one.getMessage());
            if (message.contains(FULL)) {
                return Optional.of(
                        described(
                                "is on a full disk (%s left): free some space, or set a folder on a larger disk"
                                        .formatted(freeSpace())));
            }
            if (message.contains(READ_ONLY)) {
                return Optional.of(described("is on a file system that is read-only"));
            }
            if (message.contains(IN_USE)) {
                return Optional.of(
                        described(
                                "is in use by another process: give each process its own folder"));
            }
        }
        return Optional.empty();
    }

    private static String reason(IOException failure) {
        String reason = failure instanceof FileSystemException of ? of.getReason() : null;
        return reason == null ? failure.getClass().getSimpleName() : reason;
    }

    private String described(String problem) {
        return KEY + " " + path.toAbsolutePath() + " " + problem;
    }

    private String freeSpace() {
        try {
            return String.format(
                    Locale.ROOT, "%,d bytes", Files.getFileStore(path).getUsableSpace());
        } catch (IOException e) {
            return "an unknown number of bytes";
        }
    }
}
