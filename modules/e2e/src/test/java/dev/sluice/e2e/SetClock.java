package dev.sluice.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The system clock of other processes, set with libfaketime if that is installed. Elapsed time, as
 * in {@link System#nanoTime()}, is not affected.
 */
final class SetClock {
    private final Path library;
    private final Path file;

    private SetClock(Path library, Path file) {
        this.library = library;
        this.file = file;
    }

    /**
     * A clock that shows the true time, if libfaketime is installed.
     *
     * @param folder folder of the file through which the processes are told the time
     */
    static Optional<SetClock> in(Path folder) throws IOException {
        Optional<SetClock> clock =
                Stream.of("x86_64-linux-gnu", "aarch64-linux-gnu")
                        .map(arch -> Path.of("/usr/lib", arch, "faketime", "libfaketimeMT.so.1"))
                        .filter(Files::exists)
                        .findFirst()
                        .map(library -> new SetClock(library, folder.resolve("clock")));
        if (clock.isPresent()) {
            clock.get().set(Duration.ZERO);
        }
        return clock;
    }

    /** Sets the clock ahead of the true time by this much; a negative time sets it back. */
    void set(Duration ahead) throws IOException {
        Files.writeString(file, "%+d".formatted(ahead.toSeconds()));
    }

    /** The environment of a process that uses this clock. */
    Map<String, String> variables() {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAKETIME_TIMESTAMP_FILE",
                file.toString(),
                "FAKETIME_CACHE_DURATION",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                // Without it every timed wait of the JVM returns at once.
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0");
    }
}
