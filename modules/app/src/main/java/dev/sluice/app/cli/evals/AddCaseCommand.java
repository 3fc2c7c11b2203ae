package dev.sluice.app.cli.evals;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.input.InputKind;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.KnownAnalyses;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.TimeOptions;
import dev.sluice.app.client.LenientDecoder;
import dev.sluice.app.client.OutcomeHistory;
import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.SluiceConfig;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.evals.cases.CaseWriter;
import dev.sluice.evals.cases.ContentMask;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicRange;
import dev.sluice.runtime.kafka.TopicReader;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import tools.jackson.databind.node.ObjectNode;

/** The command {@code sluice eval add-case}: makes a case of a request of production. */
@Command(
        name = "add-case",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a case of a request that was analysed, or that failed: its content without"
                    + " personal data, and what its output had of one word or number.",
            "It reads the requests of the last 24 hours, unless --since says otherwise. Complete what"
                    + " is expected, and read the content, before you commit it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice eval add-case seo --request page-4711 --since 3d --id cut-off-table",
            "  sluice eval add-case support-ticket --request 4711 --mask 'Mr\\. [A-Z][a-z]+'"
        })
final class AddCaseCommand implements Callable<Integer> {
    @ParentCommand private @Nullable EvalCommand eval;

    @Mixin private Output output = new Output();

    @Mixin private TimeOptions times = new TimeOptions();

    @Parameters(paramLabel = "ANALYSIS", description = "Name of the analysis.")
    private String name = "";

    @Option(
            names = "--request",
            paramLabel = "ID",
            required = true,
            description = "The requestId of a result or a dead letter.")
    private String request = "";

    @Option(names = "--user", paramLabel = "USER", description = "Whose request it is.")
    private @Nullable String user;

    @Option(
            names = "--id",
            paramLabel = "NAME",
            description = "Name of the case. Default: production- and the requestId.")
    private @Nullable String id;

    @Option(
            names = "--mask",
            paramLabel = "PATTERN",
            description =
                    "Also replace what this regular expression finds. E-mail addresses and long"
                            + " numbers are replaced always.")
    private List<String> masks = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Logging.quiet();
        times.requireOrder();
        if (eval == null) {
            throw new IllegalStateException("picocli has not set this command up");
        }
        SluiceConfig loaded = eval.config();
        Knowledge knowledge = Plans.knowledge(loaded);
        AnalysisDefinition definition = KnownAnalyses.find(knowledge, name);
        ContentMask mask = mask();
        KafkaConnection kafka = Plans.kafkaForCommand(loaded);
        List<AnalysisRequest> requests = new ArrayList<>();
        Map<String, ObjectNode> outputs = new TreeMap<>();
        KafkaTrouble.ask(kafka, () -> read(kafka, requests, outputs));
        AnalysisRequest found = newest(requests);
        Path file = EvalFolder.require(loaded.analyses().dir(), name).resolve(caseId() + ".yaml");
        String content = shortened(mask.masked(found.getContent().toString()), definition);
        try {
            CaseWriter.write(
                    file,
                    "A request of production.",
                    List.of("production"),
                    content,
                    Optional.ofNullable(outputs.get(found.getUserId().toString()))
                            .map(mask::masked));
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailedException(file + " exists; --id gives the case another name");
        }
        output.out().println(file);
        output.err().println("read it, and complete what is expected");
        output.out().flush();
        output.err().flush();
        return 0;
    }

    private ContentMask mask() {
        try {
            return ContentMask.of(masks);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException("--mask: " + e.getMessage());
        }
    }

    private String caseId() {
        String made =
                id != null
                        ? id
                        : "production-"
                                + request.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-");
        if (!made.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new CommandFailedException(
                    "'"
                            + made
                            + "' is no name of a case: --id with lower-case letters, digits and '-'");
        }
        return made;
    }

    private void read(
            KafkaConnection kafka,
            List<AnalysisRequest> requests,
            Map<String, ObjectNode> outputs) {
        TopicRange range = new TopicRange(times.since(), times.until(), Map.of());
        try (SchemaRegistry registry = kafka.openRegistry();
                TopicReader reader = TopicReader.open(kafka)) {
            LenientDecoder<AnalysisRequest> decoder =
                    new LenientDecoder<>(
                            kafka.deserializer(registry, AnalysisRequest.class),
                            kafka.topics().requests(),
                            this::isMeant);
            reader.read(
                    kafka.topics().requests(),
                    range,
                    record -> decoder.decode(record).ifPresent(requests::add));
            if (reader.exists(kafka.topics().results(name))) {
                var _ =
                        OutcomeHistory.read(
                                kafka,
                                List.of(kafka.topics().results(name)),
                                times.since(),
                                times.until(),
                                request::equals,
                                outcome -> add(outcome, outputs));
            }
        }
    }

    private boolean isMeant(AnalysisRequest one) {
        return one.getRequestId().toString().equals(request)
                && one.getAnalysis().toString().equals(name)
                && (user == null || one.getUserId().toString().equals(user));
    }

    private static void add(OutcomeRecord outcome, Map<String, ObjectNode> outputs) {
        if (RecordJson.of(outcome.value().get("output")) instanceof ObjectNode tree) {
            outcome.userId().ifPresent(owner -> outputs.put(owner, tree));
        }
    }

    private AnalysisRequest newest(List<AnalysisRequest> requests) {
        List<String> users =
                requests.stream().map(one -> one.getUserId().toString()).distinct().toList();
        if (users.isEmpty()) {
            throw new CommandFailedException(
                    "no request "
                            + request
                            + " of "
                            + name
                            + " in that time; --since 7d looks further back");
        }
        if (users.size() > 1) {
            throw new CommandFailedException(
                    "several users have a request of this id: "
                            + users
                            + "; choose one with --user");
        }
        return requests.getLast();
    }

    /**
     * A text beyond the input's limit is not shown to the model; of a page it is not known what is.
     */
    private static String shortened(String content, AnalysisDefinition definition) {
        int most = definition.input().maxCharacters() + 1;
        return definition.input().kind() == InputKind.HTML
                        || content.codePointCount(0, content.length()) <= most
                ? content
                : content.substring(0, content.offsetByCodePoints(0, most));
    }
}
