package dev.sluice.junit;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.evals.cases.EvalCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.AssertionFailedError;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs an analysis in tests, without Kafka. Recordings answer, so that tests are fast, free and
 * always the same. {@code -Dsluice.evals=record} asks the provider instead, which costs money, and
 * writes the recordings anew; {@code -Dsluice.evals=live} asks the provider and records nothing.
 *
 * <pre>{@code
 * class SentimentTest {
 *     @RegisterExtension
 *     static final AnalysisExtension sentiment =
 *             AnalysisExtension.of("sentiment")
 *                     .analyses(Path.of("my-analyses"))
 *                     .recordings(Path.of("src/test/recordings/sentiment"));
 *
 *     @TestFactory
 *     Stream<DynamicTest> cases() {
 *         return sentiment.cases();
 *     }
 *
 *     @Test
 *     void angryReviewIsNegative() {
 *         assertEquals("negative", sentiment.output("Never again.").path("sentiment").asString());
 *     }
 * }
 * }</pre>
 *
 * <p>The field must be static. A test class has its own folder of recordings: recording deletes
 * what is there.
 */
public final class AnalysisExtension implements BeforeAllCallback, AfterAllCallback {
    private final String analysis;
    private final Map<String, String> settings = new HashMap<>(System.getenv());
    private Optional<Path> config = Optional.empty();
    private Optional<Path> recordings = Optional.empty();
    private @Nullable RunningAnalysis running;

    /** Test classes inside each other that have begun. */
    private int depth;

    private AnalysisExtension(String analysis) {
        this.analysis = analysis;
    }

    /** An extension for the analysis of this name. */
    public static AnalysisExtension of(String analysis) {
        return new AnalysisExtension(analysis);
    }

    /** Sets the folder of the analyses, like {@code analyses.dir}. */
    public AnalysisExtension analyses(Path folder) {
        return setting("SLUICE_ANALYSES_DIR", folder.toString());
    }

    /** Sets the configuration file. Without one, defaults and environment variables count. */
    public AnalysisExtension config(Path file) {
        config = Optional.of(file);
        return this;
    }

    /** Sets the folder of the recordings. */
    public AnalysisExtension recordings(Path folder) {
        recordings = Optional.of(folder);
        return this;
    }

    /** Sets an environment variable of the configuration, such as {@code OPENAI_BASE_URL}. */
    public AnalysisExtension setting(String variable, String value) {
        settings.put(variable, value);
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        if (depth++ > 0) {
            // A nested class goes on with what its outer class has.
            return;
        }
        running =
                RunningAnalysis.start(
                        new RunningAnalysis.Plan(
                                analysis,
                                config,
                                settings,
                                recordings.orElseThrow(() ->
                                        new IllegalStateException(
                                                "name the folder of the recordings:"
                                                        + " .recordings(Path)"))),
                        EvalMode.ofThisJvm());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (--depth == 0 && running != null) {
            running.close();
            running = null;
        }
    }

    /**
     * Analyses a content.
     *
     * @throws AssertionFailedError if a call was not recorded
     */
    public Analysis analyse(String content) {
        return running().analyse("test", content);
    }

    /**
     * The valid output for a content.
     *
     * @throws AssertionFailedError if there is none, with the reason
     */
    public ObjectNode output(String content) {
        return switch (analyse(content)) {
            case Analysis.Analysed analysed -> analysed.output();
            case Analysis.Failed failed -> throw failed(failed);
        };
    }

    /**
     * A test for each case in the folder {@code evals} of the analysis, in the order of their ids.
     */
    public Stream<DynamicTest> cases() {
        RunningAnalysis started = running();
        return started.cases().stream()
                .map(one -> DynamicTest.dynamicTest(one.id(), () -> check(started, one)));
    }

    private static void check(RunningAnalysis started, EvalCase one) {
        switch (started.analyse(one.id(), one.content())) {
            case Analysis.Failed failed -> throw failed(failed);
            case Analysis.Analysed(var output, var input, _) -> {
                List<Violation> differences = one.expectation().differences(output, input);
                if (!differences.isEmpty()) {
                    throw new AssertionFailedError(
                            one.description() + "\n" + lines(differences) + "\noutput: " + output);
                }
            }
        }
    }

    private static AssertionFailedError failed(Analysis.Failed failed) {
        return new AssertionFailedError(
                failed.failure().message() + "\nanswers: " + failed.answers());
    }

    private static String lines(List<Violation> differences) {
        return differences.stream()
                .map(one -> one.path() + ": " + one.message())
                .collect(Collectors.joining("\n"));
    }

    private RunningAnalysis running() {
        if (running == null) {
            throw new IllegalStateException(
                    "the extension has not started: its field must be static, with"
                            + " @RegisterExtension");
        }
        return running;
    }
}
