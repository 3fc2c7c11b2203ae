package dev.sluice.app.cli.evals;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.TimeOptions;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.evals.baseline.Baseline;
import dev.sluice.evals.cases.EvalCase;
import dev.sluice.evals.cases.EvalSet;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that say which version is judged, and on what: cases, or requests of production. */
final class SourceOptions {
    private static final String ALL = "*";
    private static final int MOST = 1_000;

    /** Options that mean something with {@code --from-topic} only. */
    private static final List<String> OF_TOPIC = List.of("--since", "--until", "--sample");

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Mixin private TimeOptions times = new TimeOptions();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "Judge the version in this folder, such as that of a canary, instead of the"
                            + " current one. Its cases and baseline count, if it has some.")
    private @Nullable Path dir;

    @Option(
            names = "--cases",
            paramLabel = "GLOB",
            defaultValue = ALL,
            description = "Only cases with such ids, such as 'hostile-*'. Default: all.")
    private String glob = ALL;

    @Option(
            names = "--from-topic",
            description =
                    "Judge on requests of production instead of cases, beside the outcomes that they"
                            + " had. Nothing is published.")
    private boolean fromTopic;

    @Option(
            names = "--sample",
            paramLabel = "N",
            defaultValue = "50",
            description =
                    "With --from-topic: so many requests with different contents, drawn at random;"
                            + " always the same ones of the same time. Default: ${DEFAULT-VALUE}.")
    private int sample;

    /** Throws if values are out of bounds, or do not fit together. */
    void requireUsable() {
        times.requireOrder();
        require(sample >= 1 && sample <= MOST, "--sample must be from 1 to " + MOST);
        require(!fromTopic || isWhole(), "--from-topic takes requests: leave --cases out");
        for (String option : OF_TOPIC) {
            require(
                    fromTopic || !isGiven(option),
                    option + " chooses requests of production: add --from-topic");
        }
    }

    private boolean isGiven(String option) {
        return command != null && command.commandLine().getParseResult().hasMatchedOption(option);
    }

    private static void require(boolean isMet, String message) {
        if (!isMet) {
            throw new CommandFailedException(message);
        }
    }

    /** Whether all cases are run. */
    boolean isWhole() {
        return glob.equals(ALL);
    }

    /** Whether a baseline can be written without overwriting that of another version. */
    boolean hasOwnBaseline() {
        return dir == null || Files.isDirectory(dir.resolve(EvalFolder.NAME));
    }

    boolean isFromTopic() {
        return fromTopic;
    }

    /** The version that is judged. */
    AnalysisDefinition version(AnalysisDefinition current) {
        if (dir == null) {
            return current;
        }
        require(Files.isDirectory(dir), "--dir: there is no folder " + dir);
        return Canary.read(dir, current.name());
    }

    /** What the version is judged on. */
    EvalSession.Subject subject(
            SluiceConfig config, AnalysisDefinition current, AnalysisDefinition version)
            throws IOException, InterruptedException {
        return fromTopic ? production(config, current, version) : cases(config, version);
    }

    private EvalSession.Subject production(
            SluiceConfig config, AnalysisDefinition current, AnalysisDefinition version)
            throws InterruptedException {
        KafkaConnection kafka = Plans.kafkaForCommand(config);
        List<TopicSample> read = new ArrayList<>();
        KafkaTrouble.ask(kafka, () -> read.add(TopicSample.read(kafka, current, times, sample)));
        TopicSample found = read.getFirst();
        require(
                !found.cases().isEmpty(),
                "no request of "
                        + version.name()
                        + " in that time has an outcome of the current version, "
                        + current.fingerprint()
                        + "; --since 7d looks further back");
        return new EvalSession.Subject(
                version.name(),
                version.fingerprint(),
                found.cases(),
                Optional.empty(),
                Optional.empty(),
                List.of(found.inProduction()));
    }

    private EvalSession.Subject cases(SluiceConfig config, AnalysisDefinition version)
            throws IOException {
        Path folder =
                Optional.ofNullable(dir)
                        .map(own -> own.resolve(EvalFolder.NAME))
                        .filter(Files::isDirectory)
                        .orElseGet(
                                () -> EvalFolder.require(config.analyses().dir(), version.name()));
        List<EvalCase> cases = EvalSet.read(folder, version).cases();
        require(!cases.isEmpty(), folder + " has no cases (docs/EVALS.md)");
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
        List<EvalCase> chosen =
                cases.stream().filter(one -> matcher.matches(Path.of(one.id()))).toList();
        require(!chosen.isEmpty(), "no case has such an id: " + glob);
        return new EvalSession.Subject(
                version.name(),
                version.fingerprint(),
                chosen,
                Optional.of(folder),
                baseline(folder),
                List.of());
    }

    private static Optional<Baseline> baseline(Path folder) {
        try {
            return Baseline.read(folder.resolve(Baseline.FILE));
        } catch (IOException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()));
        }
    }
}
