package dev.sluice.app.cli.letters;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.NewFile;
import dev.sluice.app.client.Newest;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.letters.LetterGroups;
import dev.sluice.app.letters.LetterGroups.By;
import dev.sluice.app.letters.LetterJson;
import dev.sluice.app.letters.LetterRequest;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command {@code sluice dead-letters}: shows requests that ended without a result, and redrives
 * them.
 */
@Command(
        name = "dead-letters",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Shows requests that ended without a result: why, and what they cost; and runs them"
                    + " again, or marks them as done.",
            "All subcommands read the dead letters of the last 24 hours, unless --since says"
                    + " otherwise, and nothing before."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice dead-letters count --by reason,analysis",
            "  sluice dead-letters list --reason INVALID_OUTPUT --since 7d",
            "  sluice dead-letters show REQUEST",
            "  sluice dead-letters export --kind FAILED --out failed.jsonl",
            "  sluice dead-letters redrive --reason INVALID_OUTPUT --dry-run",
            "  sluice dead-letters discard --analysis old --note 'the analysis is gone'"
        },
        subcommands = {
            DeadLettersCommand.ListThem.class,
            DeadLettersCommand.Count.class,
            DeadLettersCommand.Show.class,
            DeadLettersCommand.Export.class,
            RedriveCommand.class,
            DiscardCommand.class
        })
public final class DeadLettersCommand {
    /** Base of the subcommands that leave discarded ones out unless they are asked for. */
    abstract static class Listing extends LetterReading {
        @Option(names = "--with-discarded", description = "Also those that were discarded.")
        private boolean withDiscarded;

        @Override
        boolean readsDiscarded() {
            return withDiscarded;
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists dead letters, the newest first.")
    static final class ListThem extends Listing {
        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "50",
                description = "List the newest N only. Default: ${DEFAULT-VALUE}.")
        private int limit;

        @Option(names = "--json", description = "One JSON object a line instead of a table.")
        private boolean json;

        private Optional<Newest<StoredLetter>> newest = Optional.empty();

        @Override
        void begin() {
            if (limit < 1) {
                throw new CommandFailedException("--limit must be at least 1");
            }
            newest = Optional.of(new Newest<>(limit, Comparator.comparing(StoredLetter::failedAt)));
        }

        @Override
        void read(StoredLetter letter) {
            newest.orElseThrow().add(letter);
        }

        @Override
        void finish(PrintWriter out, KafkaConnection kafka) {
            List<StoredLetter> sorted = newest.orElseThrow().sorted();
            if (json) {
                sorted.forEach(letter ->
                        out.println(
                                RecordJson.line(
                                        LetterJson.summary(
                                                letter, discards().at(letter.place())))));
            } else if (sorted.isEmpty()) {
                printNone(out);
            } else {
                LetterText.table(out, sorted, discards());
                newest.orElseThrow().remark().ifPresent(out::println);
            }
        }
    }

    @Command(
            name = "count",
            mixinStandardHelpOptions = true,
            description = "Counts dead letters and adds up what they cost.")
    static final class Count extends Listing {
        @Option(
                names = "--by",
                paramLabel = "PROPERTY",
                split = ",",
                defaultValue = "reason",
                description =
                        "Count for each of: reason, kind, analysis, version, model, user, stage,"
                                + " hour; several with commas. Default: ${DEFAULT-VALUE}.")
        private List<By> by = List.of();

        @Option(names = "--json", description = "One JSON object a line instead of a table.")
        private boolean json;

        private Optional<LetterGroups> groups = Optional.empty();

        @Override
        void begin() {
            groups = Optional.of(new LetterGroups(by));
        }

        @Override
        void read(StoredLetter letter) {
            groups.orElseThrow().add(letter);
        }

        @Override
        void finish(PrintWriter out, KafkaConnection kafka) {
            List<LetterGroups.Group> found = groups.orElseThrow().largestFirst();
            if (json) {
                found.forEach(group -> out.println(LetterText.line(by, group)));
            } else if (found.isEmpty()) {
                printNone(out);
            } else {
                LetterText.table(out, by, found);
            }
        }
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description =
                    "Shows all that the dead letters of a request say: reason, cost, the model's"
                            + " answers with the violations marked, the request, the headers.")
    static final class Show extends LetterReading {
        @Parameters(
                paramLabel = "REQUEST",
                description = "The requestId, or the record's key if it has none.")
        private String request = "";

        @Option(names = "--content", description = "Show the whole content, not its beginning.")
        private boolean content;

        private final List<StoredLetter> found = new ArrayList<>();

        @Override
        Optional<String> requestId() {
            return Optional.of(request);
        }

        @Override
        boolean readsDiscarded() {
            return true;
        }

        @Override
        void read(StoredLetter letter) {
            found.add(letter);
        }

        @Override
        void finish(PrintWriter out, KafkaConnection kafka) {
            if (found.isEmpty()) {
                throw new CommandFailedException(
                        "no dead letter of request "
                                + request
                                + " in that time; --since 7d looks further back");
            }
            found.sort(Comparator.comparing(StoredLetter::failedAt));
            try (SchemaRegistry registry = kafka.openRegistry()) {
                ConfluentAvroDeserializer<AnalysisRequest> requests =
                        kafka.deserializer(registry, AnalysisRequest.class);
                LetterPage page = new LetterPage(out, content);
                found.forEach(stored ->
                        page.print(
                                stored,
                                discards().at(stored.place()),
                                LetterRequest.of(stored.letter(), requests)));
            }
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description =
                    "Writes whole dead letters, one JSON object a line, in the order of their"
                            + " partitions.")
    static final class Export extends Listing {
        @Option(
                names = "--out",
                paramLabel = "FILE",
                description = "A new file. Default: standard output.")
        private @Nullable Path file;

        private Optional<NewFile> lines = Optional.empty();
        private long written;

        @Override
        public Integer call() throws IOException, InterruptedException {
            try {
                return super.call();
            } catch (UncheckedIOException e) {
                throw new CommandFailedException("cannot write: " + e.getMessage());
            } finally {
                lines.ifPresent(NewFile::close);
            }
        }

        @Override
        void begin() {
            lines = Optional.ofNullable(file).map(NewFile::create);
        }

        @Override
        void read(StoredLetter letter) {
            written++;
            String line = RecordJson.line(letter.letter());
            lines.ifPresentOrElse(to -> to.println(line), () -> System.out.println(line));
        }

        @Override
        void finish(PrintWriter out, KafkaConnection kafka) throws IOException {
            if (lines.isPresent()) {
                lines.get().complete();
                out.printf("%,d dead letters written to %s%n", written, file);
            } else if (System.out.checkError()) {
                throw new CommandFailedException("cannot write all dead letters");
            }
        }
    }
}
