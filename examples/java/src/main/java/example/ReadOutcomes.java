package example;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Topics;
import dev.sluice.contract.outcome.Outcome;
import dev.sluice.contract.outcome.OutcomeReader;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.results.SeoResult;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.WakeupException;

/** Reads the outcomes of the analysis {@code seo}, each at least once. */
public final class ReadOutcomes implements AutoCloseable {
    private final OutcomeReader<SeoResult> reader;
    private final Consumer<String> lines;

    /**
     * @param lines receives a line for each outcome
     */
    public ReadOutcomes(String brokers, String registry, String prefix, Consumer<String> lines) {
        this.lines = lines;
        reader =
                OutcomeReader.of(
                        SeoResult.class,
                        new Topics(prefix),
                        "seo",
                        Map.of(
                                "bootstrap.servers", brokers,
                                "schema.registry.url", registry,
                                "group.id", "seo-reports"));
    }

    /** Reads until {@link #stop} is called by another thread. */
    public void run() {
        try (reader) {
            while (true) {
                try {
                    for (Outcome<SeoResult> outcome : reader.poll(Duration.ofSeconds(1))) {
                        process(outcome);
                    }
                    reader.commit();
                } catch (RegistryUnavailableException e) {
                    lines.accept("the registry does not answer, trying again");
                }
            }
        } catch (WakeupException e) {
            lines.accept("stopped");
        }
    }

    private void process(Outcome<SeoResult> outcome) {
        if (outcome instanceof Outcome.Result<SeoResult> result) {
            SeoResult seo = result.value();
            lines.accept(
                    seo.getRequestId()
                            + ": "
                            + seo.getOutput().getTitleTag()
                            + ", "
                            + seo.getCostUsd()
                            + " USD");
        } else if (outcome instanceof Outcome.Failed<SeoResult> failed) {
            DeadLetter letter = failed.deadLetter();
            lines.accept(
                    letter.getRequestId() + ": " + letter.getReason() + ", " + letter.getMessage());
        } else if (outcome instanceof Outcome.Unreadable<SeoResult> unreadable) {
            lines.accept("not an outcome: " + unreadable.place());
        }
    }

    /** Ends {@link #run}. */
    public void stop() {
        reader.wakeup();
    }

    @Override
    public void close() {
        stop();
    }
}
