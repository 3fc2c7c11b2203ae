package dev.sluice.app.cli;

import dev.sluice.app.letters.LetterFilter;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which dead letters are meant. */
final class LetterOptions {
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

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            split = ",",
            description = "Those with one of these reasons, such as INVALID_OUTPUT.")
    private List<Reason> reasons = List.of();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = ",",
            description =
                    "REFUSED (the requester has to act), FAILED (an operator has to act) or"
                            + " POISON (the record cannot be processed).")
    private List<DeadLetterKind> kinds = List.of();

    @Option(names = "--user", paramLabel = "USER", description = "Those of this user.")
    private @Nullable String user;

    @Option(names = "--analysis", paramLabel = "NAME", description = "Those of this analysis.")
    private @Nullable String analysis;

    @Option(
            names = "--version-of-analysis",
            paramLabel = "FINGERPRINT",
            description = "Those of this version of an analysis.")
    private @Nullable String version;

    @Option(names = "--model", paramLabel = "MODEL", description = "Those of this model.")
    private @Nullable String model;

    /** The filter, for one request or for all. */
    LetterFilter filter(Optional<String> requestId) {
        if (until != null && !until.isAfter(since)) {
            throw new CommandFailedException("--until must be later than --since");
        }
        return new LetterFilter(
                since,
                Optional.ofNullable(until),
                Set.copyOf(reasons),
                Set.copyOf(kinds),
                requestId,
                Optional.ofNullable(user),
                Optional.ofNullable(analysis),
                Optional.ofNullable(version),
                Optional.ofNullable(model));
    }

    Instant since() {
        return since;
    }
}
