package dev.sluice.app.cli.evals;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of what becomes of an eval's result. */
final class ResultOptions {
    @Option(
            names = "--baseline",
            description =
                    "End with exit code 4 if a model is worse than its baseline by more than"
                            + " chance.")
    private boolean compare;

    @Option(
            names = "--update-baseline",
            description = "Accept the result: write it into baseline.json beside the cases.")
    private boolean update;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Also write report.html, report.json and junit.xml into this folder.")
    private @Nullable Path out;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    /** Whether a result that is worse than its baseline fails. */
    boolean isCompared() {
        return compare;
    }

    /** Whether the result becomes the baseline. */
    boolean isAccepted() {
        return update;
    }

    /** The folder of the report's files. */
    Optional<Path> files() {
        return Optional.ofNullable(out);
    }

    boolean isJson() {
        return json;
    }
}
