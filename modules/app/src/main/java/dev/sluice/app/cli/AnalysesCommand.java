package dev.sluice.app.cli;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.provider.ProviderSchema;
import dev.sluice.analysis.provider.SchemaDialect;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.evals.EvalFolder;
import dev.sluice.evals.baseline.Baseline;
import dev.sluice.evals.cases.EvalSet;
import dev.sluice.runtime.result.ResultType;
import dev.sluice.runtime.result.ResultTypes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import tools.jackson.databind.json.JsonMapper;

/**
 * The command {@code sluice analyses}: lists analyses, checks them, and prints the Avro schema of
 * their results.
 */
@Command(
        name = "analyses",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Lists and checks analyses and shows the Avro schemas of their results.",
        subcommands = {
            AnalysesCommand.Check.class,
            AnalysesCommand.ShowSchema.class,
            AnalysesCommand.ListAll.class
        })
final class AnalysesCommand {
    @Option(
            names = "--dir",
            paramLabel = "DIR",
            scope = picocli.CommandLine.ScopeType.INHERIT,
            description =
                    "A folder with analyses of your own, in addition to the built-in ones."
                            + " Default: analyses.dir of the"
                            + " configuration.")
    private @Nullable Path folder;

    @Mixin private ConfigOption config = new ConfigOption();

    /** The analyses of the folder given by {@code --dir}, or else by the configuration. */
    private AnalysisCatalog catalog() {
        return AnalysisCatalog.load(own());
    }

    /** The folder of the user's own analyses. */
    private Optional<Path> own() {
        return folder != null ? Optional.of(folder) : config.load().analyses().dir();
    }

    /** Whether the configuration enables an analysis; with {@code --dir}, all are. */
    private boolean isEnabled(AnalysisDefinition definition) {
        return folder != null
                || config.load()
                        .analyses()
                        .enabled()
                        .map(names -> names.stream().map(String::strip))
                        .map(names -> names.anyMatch(definition.name()::equals))
                        .orElse(true);
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "Lists the analyses with their versions and models, and marks those that"
                            + " analyses.enabled leaves out.")
    static final class ListAll implements Runnable {
        @ParentCommand private @Nullable AnalysesCommand parent;

        @Mixin private Output output = new Output();

        @Override
        public void run() {
            var out = output.out();
            for (AnalysisDefinition definition : here(parent).catalog().all()) {
                out.printf(
                        "%-24s %s  %s%s%n",
                        definition.name(),
                        definition.fingerprint(),
                        definition.models().model(),
                        here(parent).isEnabled(definition) ? "" : "  (not enabled)");
            }
        }
    }

    @Command(
            name = "schema",
            mixinStandardHelpOptions = true,
            description = "Prints the Avro schema of an analysis's results.")
    static final class ShowSchema implements Runnable {
        @ParentCommand private @Nullable AnalysesCommand parent;

        @Mixin private Output output = new Output();

        @Parameters(paramLabel = "ANALYSIS", description = "Name of the analysis.")
        private String name = "";

        @Override
        public void run() {
            AnalysisCatalog catalog = here(parent).catalog();
            AnalysisDefinition definition =
                    catalog.find(name)
                            .orElseThrow(() ->
                                    new CommandFailedException(
                                            "there is no analysis "
                                                    + name
                                                    + "; known are "
                                                    + catalog.all().stream()
                                                            .map(AnalysisDefinition::name)
                                                            .toList()));
            output.out()
                    .println(
                            JsonMapper.shared()
                                    .readTree(
                                            ResultType.of(name, definition.output().schema().tree())
                                                    .schema()
                                                    .toString())
                                    .toPrettyString());
        }
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = {
                "Checks all definitions and their eval cases, and reports all problems at once.",
                "Answers are always validated against the whole schema, even where a provider's"
                        + " structured output enforces less.",
            })
    static final class Check implements Runnable {
        @Option(
                names = "--notes",
                description = "Also list what each provider's structured output does not enforce.")
        private boolean notes;

        @ParentCommand private @Nullable AnalysesCommand parent;

        @Mixin private Output output = new Output();

        @Override
        public void run() {
            AnalysisCatalog catalog = here(parent).catalog();
            ResultTypes.require(catalog);
            PrintWriter out = output.out();
            for (AnalysisDefinition definition : catalog.all()) {
                EvalFolder.find(here(parent).own(), definition.name())
                        .ifPresent(cases -> out.println(evals(cases, definition)));
            }
            for (AnalysisDefinition definition :
                    notes ? catalog.all() : List.<AnalysisDefinition>of()) {
                for (SchemaDialect dialect : SchemaDialect.values()) {
                    out.println(definition.name() + ": " + note(definition, dialect));
                }
            }
            out.println(catalog.all().size() + " analyses, no problems");
        }

        /** How many cases there are, and whether this version was accepted. */
        private static String evals(Path folder, AnalysisDefinition definition) {
            try {
                int cases = EvalSet.read(folder, definition).cases().size();
                boolean isAccepted =
                        Baseline.read(folder.resolve(Baseline.FILE))
                                .map(baseline -> baseline.has(definition.fingerprint()))
                                .orElse(false);
                return definition.name()
                        + ": "
                        + cases
                        + " eval cases"
                        + (isAccepted
                                ? ", accepted"
                                : "; no baseline of version "
                                        + definition.fingerprint()
                                        + " (docs/EVALS.md)");
            } catch (IOException e) {
                throw new CommandFailedException("cannot read " + folder + ": " + e.getMessage());
            }
        }

        private static String note(AnalysisDefinition definition, SchemaDialect dialect) {
            String provider = dialect.name().toLowerCase(Locale.ROOT);
            ProviderSchema schema = ProviderSchema.of(definition.output().schema().tree(), dialect);
            if (!schema.strict()) {
                return provider
                        + " cannot enforce the schema: "
                        + String.join("; ", schema.obstacles());
            }
            if (schema.omissions().isEmpty()) {
                return provider + " enforces the whole schema";
            }
            Map<String, List<String>> paths = new TreeMap<>();
            schema.omissions()
                    .forEach(omission ->
                            paths.computeIfAbsent(omission.keyword(), key -> new ArrayList<>())
                                    .add(omission.path()));
            return provider
                    + " enforces the schema without "
                    + paths.entrySet().stream()
                            .map(entry ->
                                    entry.getKey()
                                            + " ("
                                            + String.join(", ", entry.getValue())
                                            + ")")
                            .collect(Collectors.joining(", "));
        }
    }

    private static <T> T here(@Nullable T injected) {
        if (injected == null) {
            throw new IllegalStateException("picocli has not set this command up");
        }
        return injected;
    }
}
