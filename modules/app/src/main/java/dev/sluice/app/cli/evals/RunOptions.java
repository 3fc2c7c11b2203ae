package dev.sluice.app.cli.evals;

import dev.sluice.analysis.price.Cost;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.DurationConverter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of an eval's runs. */
final class RunOptions {
    private static final int USUAL_REPEATS = 3;
    private static final int MOST_REPEATS = 1_000;
    private static final int MOST_PARALLEL = 1_000;

    @Option(names = "--live", description = "Call the provider. This costs money.")
    private boolean live;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            description = "Run each case so often. Default: 3; with --from-topic, once.")
    private @Nullable Integer repeat;

    private int defaultRepeat = USUAL_REPEATS;

    @Option(
            names = "--max-cost",
            paramLabel = "USD",
            description =
                    "Never spend more. A run begins only if the most that it can cost is left.")
    private @Nullable BigDecimal maxUsd;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "8",
            description = "So many runs at a time. Default: ${DEFAULT-VALUE}.")
    private int parallel;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            defaultValue = "2m",
            converter = DurationConverter.class,
            description = "Time limit of each run. Default: ${DEFAULT-VALUE}.")
    private Duration deadline = Duration.ZERO;

    @Option(names = "--fresh", description = "Begin anew, and forget an interrupted eval.")
    private boolean fresh;

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            defaultValue = "data/evals",
            description = "Where runs are kept, one JSON object a line. Default: ${DEFAULT-VALUE}.")
    private Path runs = Path.of("");

    @Option(
            names = "--record",
            paramLabel = "DIR",
            description =
                    "Also record the exchanges with the provider in this folder, without keys,"
                            + " organisations and cookies.")
    private @Nullable Path record;

    @Option(
            names = "--replay",
            paramLabel = "DIR",
            description =
                    "Answer from recordings, without a network and without cost. A request that was"
                            + " not recorded fails; nothing is ever sent.")
    private @Nullable Path replay;

    /** Runs each case once unless the command line says otherwise. */
    void once() {
        defaultRepeat = 1;
    }

    /** Throws if values are out of bounds, or do not fit together. */
    void requireUsable() {
        require(
                repeat() >= 1 && repeat() <= MOST_REPEATS,
                "--repeat must be from 1 to " + MOST_REPEATS);
        require(
                parallel >= 1 && parallel <= MOST_PARALLEL,
                "--parallel must be from 1 to " + MOST_PARALLEL);
        require(deadline.isPositive(), "--deadline must be more than 0s, such as 2m");
        require(maxUsd == null || maxUsd.signum() > 0, "--max-cost must be more than 0");
        require(
                replay == null || (!live && record == null),
                "--replay calls nobody: leave --live and --record out");
        require(record == null || live, "--record records a provider: add --live");
    }

    private static void require(boolean isMet, String message) {
        if (!isMet) {
            throw new CommandFailedException(message);
        }
    }

    boolean isLive() {
        return live;
    }

    int repeat() {
        return repeat == null ? defaultRepeat : repeat;
    }

    Optional<Cost> limit() {
        return Optional.ofNullable(maxUsd).map(Cost::new);
    }

    /** In a replay one at a time: it is certain then which repeat gets which recording. */
    int parallel() {
        return replay == null ? parallel : 1;
    }

    Duration deadline() {
        return deadline;
    }

    /** Whether runs of an interrupted eval are not used; a replay makes them faster than that. */
    boolean isFresh() {
        return fresh || replay != null;
    }

    /** The folder in which exchanges are recorded. */
    Optional<Path> recordings() {
        return Optional.ofNullable(record);
    }

    /** The folder whose recordings answer. */
    Optional<Path> replayed() {
        return Optional.ofNullable(replay);
    }

    /** The file of the runs of an analysis. */
    Path file(String analysis) {
        String kind = replay != null ? ".replay" : live ? "" : ".simulator";
        return runs.resolve(analysis + kind + ".jsonl");
    }

    /** What a model is called: results of the simulator must not be taken for its own. */
    String label(String model) {
        return live || replay != null ? model : model + " (simulator)";
    }
}
