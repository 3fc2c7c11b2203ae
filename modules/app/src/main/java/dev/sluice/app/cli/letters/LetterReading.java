package dev.sluice.app.cli.letters;

import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.config.Plans;
import dev.sluice.app.letters.Discards;
import dev.sluice.app.letters.LetterFilter;
import dev.sluice.app.letters.LetterReader;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** Base of the commands that read dead letters and do something with each. */
abstract class LetterReading implements Callable<Integer> {
    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private LetterOptions options = new LetterOptions();

    @Mixin private Output output = new Output();

    private Discards discards = Discards.NONE;
    private long leftOut;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Logging.quiet();
        LetterFilter filter = options.filter(requestId());
        KafkaConnection kafka = Plans.kafkaForCommand(config.load());
        PrintWriter out = output.out();
        begin();
        PrintWriter err = output.err();
        KafkaTrouble.ask(
                kafka,
                () -> {
                    discards = Discards.read(kafka, filter.since());
                    LetterReader.read(kafka, filter, this::take).warning().ifPresent(err::println);
                });
        if (leftOut > 0) {
            err.printf(
                    Locale.ROOT,
                    "discarded and left out: %,d; --with-discarded reads them, too%n",
                    leftOut);
        }
        err.flush();
        finish(out, kafka);
        out.flush();
        return 0;
    }

    private void take(StoredLetter letter) {
        if (readsDiscarded() || discards.at(letter.place()).isEmpty()) {
            read(letter);
        } else {
            leftOut++;
        }
    }

    Optional<String> requestId() {
        return Optional.empty();
    }

    /** Whether discarded ones are read, too. */
    boolean readsDiscarded() {
        return false;
    }

    final Discards discards() {
        return discards;
    }

    void begin() throws IOException {}

    abstract void read(StoredLetter letter);

    abstract void finish(PrintWriter out, KafkaConnection kafka)
            throws IOException, InterruptedException;

    final void printNone(PrintWriter out) {
        out.println(
                "no such dead letters since "
                        + options.since().truncatedTo(ChronoUnit.SECONDS)
                        + "; --since looks further back");
    }
}
