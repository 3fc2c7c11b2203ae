package dev.sluice.app.cli.common;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say from when to when records are read. */
public final class TimeOptions {
    private static final String TIME =
            "how long ago (30m, 24h, 7d), a day (2026-11-30), or an instant";

    @Option(
            names = "--since",
            paramLabel = "TIME",
            defaultValue = "24h",
            converter = TimeConverter.class,
            description = "Those written since then: " + TIME + ". Default: ${DEFAULT-VALUE}.")
    private Instant since = Instant.EPOCH;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Those written before. Default: now.")
    private @Nullable Instant until;

    /** The first time. */
    public Instant since() {
        return since;
    }

    /** The first time that is too late; empty for now. */
    public Optional<Instant> until() {
        return Optional.ofNullable(until);
    }

    /**
     * Compares the two.
     *
     * @throws CommandFailedException if they are in the wrong order
     */
    public void requireOrder() {
        if (until != null && !until.isAfter(since)) {
            throw new CommandFailedException("--until must be later than --since");
        }
    }
}
