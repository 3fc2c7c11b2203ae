package dev.sluice.app.cli.analyze;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.CapEstimate;
import dev.sluice.analysis.TimedAnalyst;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.ContentSize;
import dev.sluice.analysis.input.InputKind;
import dev.sluice.analysis.input.PageFile;
import dev.sluice.analysis.input.TokenCounter;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.app.cli.common.CallWaits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Analyses files, each within its deadline. Thread-safe. */
final class FileAnalysis {
    static final String STANDARD_INPUT = "-";

    private final AnalysisDefinition definition;
    private final Analyst analyst;
    private final List<ModelPrice> prices;
    private final CapEstimate estimate;
    private final TimedAnalyst timed;
    private final boolean showPrompt;

    /** The outcome of a file. */
    sealed interface Outcome {}

    /** The file is larger than the analysis allows. */
    record TooLarge(long bytes) implements Outcome {}

    /** The analysis ended, with or without valid output. */
    record Ended(Analysis analysis) implements Outcome {}

    /**
     * A file with its outcome.
     *
     * @param prompt the messages sent to the model, if they are to be shown
     */
    record Done(String file, List<Message> prompt, Outcome outcome) {}

    /**
     * @param deadline time limit of each file, from the start of its analysis
     */
    FileAnalysis(
            AnalysisDefinition definition,
            Analyst analyst,
            List<ModelPrice> prices,
            Duration deadline,
            boolean showPrompt,
            CallWaits progress) {
        this.definition = definition;
        this.analyst = analyst;
        this.prices = List.copyOf(prices);
        this.estimate =
                new CapEstimate(
                        definition,
                        TokenCounter.ofIds(prices.stream().map(ModelPrice::modelId).toList()));
        this.timed = new TimedAnalyst(analyst, deadline, progress);
        this.showPrompt = showPrompt;
    }

    /** Analyses a file; returns at its deadline at the latest. */
    Done of(String file) throws IOException, InterruptedException {
        byte[] bytes =
                file.equals(STANDARD_INPUT)
                        ? System.in.readAllBytes()
                        : Files.readAllBytes(Path.of(file));
        String content = PageFile.decoded(bytes, definition.input().kind() == InputKind.HTML);
        return new Done(
                file,
                showPrompt ? analyst.prompt(content) : List.of(),
                bytes.length > definition.input().maxBytes()
                        ? new TooLarge(bytes.length)
                        : new Ended(analysis(file, content)));
    }

    private Analysis analysis(String file, String content) throws InterruptedException {
        return timed.analyse(file, content, estimate.cap(ContentSize.of(content), prices), prices);
    }
}
