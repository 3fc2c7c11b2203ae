package dev.sluice.app.cli.evals;

import dev.sluice.app.cli.common.CommandFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the folder of an analysis's cases. */
public final class EvalFolder {
    /** System property with the folder of the checkout. */
    private static final String HOME = "sluice.home";

    /** Name of the folder of cases, inside the folder of the analysis. */
    static final String NAME = "evals";

    private EvalFolder() {}

    /**
     * The folder {@code evals} of an analysis; empty if it has none.
     *
     * @param own the configured folder of analyses, whose definitions win over the checkout's
     */
    public static Optional<Path> find(Optional<Path> own, String analysis) {
        return inside(own, analysis).filter(Files::isDirectory);
    }

    /**
     * The folder of an analysis.
     *
     * @throws CommandFailedException if it has none, with the place for it
     */
    static Path require(Optional<Path> own, String analysis) {
        return find(own, analysis)
                .orElseThrow(() ->
                        new CommandFailedException(
                                "there are no cases of "
                                        + analysis
                                        + ": write them into "
                                        + inside(own, analysis)
                                                .map(Path::toString)
                                                .orElse("the folder evals of the analysis")
                                        + " (docs/EVALS.md)"));
    }

    private static Optional<Path> inside(Optional<Path> own, String analysis) {
        return own.map(dir -> dir.resolve(analysis))
                .filter(Files::isDirectory)
                .or(() ->
                        Optional.ofNullable(System.getProperty(HOME))
                                .map(home -> Path.of(home, "analyses", analysis)))
                .map(folder -> folder.resolve(NAME));
    }
}
