package dev.sluice.app.cli.letters;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.TimeOptions;
import dev.sluice.app.letters.LetterFilter;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.Reason;
import dev.sluice.runtime.kafka.TopicRange;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which dead letters are meant. */
final class LetterOptions {
    @Mixin private TimeOptions times = new TimeOptions();

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
        times.requireOrder();
        if (user != null && user.isBlank()) {
            throw new CommandFailedException("--user is empty");
        }
        return new LetterFilter(
                new TopicRange(times.since(), times.until(), Map.of()),
                Set.copyOf(reasons),
                Set.copyOf(kinds),
                requestId,
                Optional.ofNullable(user),
                Optional.ofNullable(analysis),
                Optional.ofNullable(version),
                Optional.ofNullable(model));
    }

    Instant since() {
        return times.since();
    }
}
