package dev.sluice.demo;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.submit.outcome.OutcomeFolder;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code sluice demo}: runs the whole pipeline on a folder of pages. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the whole pipeline in this process: Kafka, schema registry, admission, worker,"
                    + " and a simulated model provider.",
            "It costs nothing: a real provider is called with --live only."
        })
final class DemoCommand implements Callable<Integer> {
    /** Longest wait for the start; the outcomes then show which parts are not ready. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    @Option(
            names = "--pages",
            paramLabel = "DIR",
            description = "Folder of pages to analyse. Default: the project's own examples.")
    private @Nullable Path pages;

    @Option(
            names = "--analysis",
            defaultValue = "seo",
            description = "Analysis to run. Default: ${DEFAULT-VALUE}.")
    private String analysis = "seo";

    @Option(names = "--json", description = "The last line of stdout is one JSON object.")
    private boolean json;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Write every complete outcome to PAGE.result.json or PAGE.dead-letter.json.")
    private @Nullable Path out;

    @Option(
            names = "--keep",
            description = "Leave everything running after the batch until Ctrl-C.")
    private boolean keep;

    @Option(
            names = "--live",
            description =
                    "Call the real providers, with OPENAI_API_KEY and so on. This costs money.")
    private boolean live;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long to wait for the outcomes. Default: ${DEFAULT-VALUE}.")
    private long timeoutSeconds;

    @Option(
            names = {"-v", "--verbose"},
            description = "Show the service's log lines.")
    private boolean verbose;

    @Mixin private FaultOptions faults = new FaultOptions();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (!verbose) {
            Logging.quiet();
        }
        Path folder = pages != null ? pages : examples();
        List<Path> files = files(folder);
        SimulatorSettings simulation = faults.settings(spec);
        PrintWriter console =
                new PrintWriter(
                        new java.io.OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        DemoReport report = new DemoReport(console, json);
        report.starting(files.size(), folder);
        try (DemoStack stack = start(simulation)) {
            stack.awaitReady(START_LIMIT);
            report.ready(stack);
            DemoRun run = new DemoRun(stack, analysis, Duration.ofSeconds(timeoutSeconds), report);
            DemoSummary summary = run.analyse(files);
            if (out != null) {
                for (DemoOutcome outcome : summary.outcomes()) {
                    OutcomeFolder.write(out, outcome.page(), outcome.isResult(), outcome.record());
                }
            }
            report.finished(summary, stack);
            if (keep) {
                report.keeping(stack);
                new CountDownLatch(1).await();
            }
            return summary.isComplete() ? 0 : ExitCode.FAILED;
        }
    }

    /**
     * Starts all parts. A shutdown hook stops them and deletes their folders at any end of the
     * process.
     */
    private DemoStack start(SimulatorSettings simulation) throws IOException, InterruptedException {
        CompletableFuture<DemoStack> started = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started), "shutdown"));
        try {
            DemoStack stack = DemoStack.start(live ? Optional.empty() : Optional.of(simulation));
            started.complete(stack);
            return stack;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            started.completeExceptionally(e);
            throw e;
        }
    }

    /**
     * Stops the demo. If the process ends during the start, waits for the start and then closes it.
     */
    private static void stop(CompletableFuture<DemoStack> started) {
        try {
            started.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS).close();
        } catch (ExecutionException e) {
            // The start failed and has reported it.
            return;
        } catch (TimeoutException e) {
            System.err.println(
                    "the demo was stopped during its start; its folders remain in "
                            + System.getProperty("java.io.tmpdir"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The project's example pages. The launcher sets the project's folder; without it, the working
     * folder is used.
     */
    private static Path examples() {
        return Path.of(System.getProperty("sluice.home", ".")).resolve("examples/pages");
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new CommandFailedException(
                    "there is no folder " + folder + "; give one with --pages DIR");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> files =
                    entries.filter(Files::isRegularFile)
                            .filter(file -> !isNote(file))
                            .sorted()
                            .toList();
            if (files.isEmpty()) {
                throw new CommandFailedException("there are no pages in " + folder);
            }
            return files;
        }
    }

    /** Hidden files and Markdown files are not pages. */
    private static boolean isNote(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith(".") || name.endsWith(".md");
    }
}
