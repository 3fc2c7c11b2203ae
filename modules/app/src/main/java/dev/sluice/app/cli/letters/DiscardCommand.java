package dev.sluice.app.cli.letters;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.Confirmation;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.letters.DiscardWriter;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code sluice dead-letters discard}: marks dead letters as done. */
@Command(
        name = "discard",
        mixinStandardHelpOptions = true,
        description = {
            "Marks dead letters as done, with a note why: the other commands leave them out. The"
                    + " dead letters stay where they are.",
            "--undo takes that back."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice dead-letters discard REQUEST --note 'the customer has left'",
            "  sluice dead-letters discard --reason UNKNOWN_ANALYSIS --since 7d --note 'a typo' --yes",
            "  sluice dead-letters discard REQUEST --undo"
        })
final class DiscardCommand extends LetterReading {
    private static final String UNDONE = "nothing is changed";

    @Parameters(
            paramLabel = "REQUEST",
            arity = "0..1",
            description =
                    "The requestId, or the record's key if it has none. Default: all dead letters"
                            + " that the options mean.")
    private @Nullable String request;

    @Option(names = "--note", paramLabel = "TEXT", description = "Why nothing is left to do.")
    private @Nullable String note;

    @Option(names = "--undo", description = "Take the mark off again.")
    private boolean undo;

    @Option(names = "--dry-run", description = "Say how many there are, and do nothing.")
    private boolean dryRun;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask for a confirmation, which is asked without a REQUEST.")
    private boolean yes;

    private final List<DiscardWriter.Target> found = new ArrayList<>();

    /** Who has a request of the given id. */
    private final Set<String> users = new TreeSet<>();

    private int exitCode;

    @Override
    public Integer call() throws IOException, InterruptedException {
        int read = super.call();
        return read == 0 ? exitCode : read;
    }

    @Override
    Optional<String> requestId() {
        return Optional.ofNullable(request);
    }

    @Override
    boolean readsDiscarded() {
        return undo;
    }

    @Override
    void begin() {
        if (dryRun && note == null) {
            return;
        }
        if (undo == (note != null)) {
            throw new CommandFailedException(
                    undo
                            ? "--undo takes no --note; leave one of them out"
                            : "say why nothing is left to do: --note TEXT");
        }
        if (note != null && note.isBlank()) {
            throw new CommandFailedException("--note is empty; say why nothing is left to do");
        }
    }

    @Override
    void read(StoredLetter letter) {
        if (!undo || discards().at(letter.place()).isPresent()) {
            found.add(DiscardWriter.Target.of(letter));
            if (request != null && letter.letter().getUserId() != null) {
                users.add(letter.letter().getUserId().toString());
            }
        }
    }

    @Override
    void finish(PrintWriter out, KafkaConnection kafka) throws InterruptedException {
        if (users.size() > 1) {
            throw new CommandFailedException(
                    "several users have a request of this id: "
                            + users
                            + "; choose one with --user");
        }
        if (found.isEmpty() && request != null) {
            throw new CommandFailedException(
                    (undo ? "no discarded dead letter" : "no dead letter that is left to do")
                            + " of request "
                            + request
                            + " in that time; --since 7d looks further back");
        }
        if (found.isEmpty()) {
            printNone(out);
            return;
        }
        if (dryRun) {
            out.printf(
                    Locale.ROOT,
                    undo ? "would be taken back: %,d%n" : "would be discarded: %,d%n",
                    found.size());
            return;
        }
        String question =
                String.format(
                        Locale.ROOT,
                        undo ? "Take back %,d discards?" : "Discard %,d dead letters?",
                        found.size());
        if (request == null && !yes && !Confirmation.given(question, UNDONE)) {
            out.println(UNDONE);
            exitCode = ExitCode.FAILED;
            return;
        }
        DiscardWriter writer = new DiscardWriter(kafka);
        if (note == null) {
            writer.takeBack(found);
            out.printf(Locale.ROOT, "taken back: %,d%n", found.size());
        } else {
            writer.discard(found, note, System.getProperty("user.name", ""), Instant.now());
            out.printf(Locale.ROOT, "discarded: %,d%n", found.size());
        }
    }
}
