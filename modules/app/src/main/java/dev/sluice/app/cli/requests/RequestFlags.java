package dev.sluice.app.cli.requests;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.DurationConverter;
import dev.sluice.app.submit.RequestOptions;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.Priority;
import dev.sluice.contract.WhenOverBudget;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what all requests of a submission have in common. */
final class RequestFlags {
    @Option(
            names = "--user",
            paramLabel = "USER",
            description = "Who pays, for all items that name no user themselves.")
    private @Nullable String user;

    @Option(
            names = "--priority",
            paramLabel = "PRIORITY",
            defaultValue = "BULK",
            description =
                    "INTERACTIVE goes first, but is denied beyond the hourly limit. Default:"
                            + " ${DEFAULT-VALUE}.")
    private Urgency priority = Urgency.BULK;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description =
                    "Requests end as dead letters if no call could begin in this time, such as"
                            + " 72h. Default: 24h.")
    private @Nullable Duration deadline;

    @Option(
            names = "--cache",
            paramLabel = "USE",
            defaultValue = "ALLOW",
            description =
                    "BYPASS pays for a fresh answer, even if the same content was answered just now."
                            + " Default: ${DEFAULT-VALUE}.")
    private Cached cache = Cached.ALLOW;

    @Option(
            names = "--wait-for-budget",
            description =
                    "Requests beyond the user's daily budget wait for the next day, instead of"
                            + " being denied.")
    private boolean waitForBudget;

    @Option(
            names = "--attribute",
            paramLabel = "NAME=VALUE",
            description = "An attribute of all requests; it comes back with their outcomes.")
    private Map<String, String> attributes = Map.of();

    @Option(
            names = "--run",
            paramLabel = "RUN",
            description = "The runId of all requests. Default: a name made from the requests.")
    private @Nullable String run;

    @Option(
            names = "--id-from",
            paramLabel = "WHAT",
            defaultValue = "HASH",
            description =
                    "HASH makes requestIds from analysis, source and content; RANDOM makes every"
                            + " submission new, paid work. Ids of rows come first. Default:"
                            + " ${DEFAULT-VALUE}.")
    private IdFrom idFrom = IdFrom.HASH;

    /** The priorities that can be asked for. */
    enum Urgency {
        INTERACTIVE(Priority.INTERACTIVE),
        BULK(Priority.BULK);

        private final Priority priority;

        Urgency(Priority priority) {
            this.priority = priority;
        }
    }

    /** The uses of the cache that can be asked for. */
    enum Cached {
        ALLOW(CacheUse.ALLOW),
        BYPASS(CacheUse.BYPASS);

        private final CacheUse use;

        Cached(CacheUse use) {
            this.use = use;
        }
    }

    /** Where requestIds come from. */
    enum IdFrom {
        HASH,
        RANDOM
    }

    RequestOptions options() {
        if (deadline != null && !deadline.isPositive()) {
            throw new CommandFailedException("--deadline must be more than 0s, such as 72h");
        }
        return new RequestOptions(
                Optional.ofNullable(user).filter(name -> !name.isBlank()),
                priority.priority,
                cache.use,
                waitForBudget ? WhenOverBudget.WAIT : WhenOverBudget.REFUSE,
                Optional.ofNullable(deadline),
                attributes,
                Optional.ofNullable(run),
                idFrom == IdFrom.RANDOM);
    }
}
