package example;

import dev.sluice.contract.outcome.Outcome;
import dev.sluice.contract.outcome.OutcomeReader;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.results.SeoResult;
import java.time.Duration;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Reads outcomes on a thread of its own, and hands each to {@link ReviewHandler} before the offsets
 * are committed. So each outcome is handled at least once. If the handler throws, the reader stops,
 * and the outcome comes again after a restart.
 */
@Component
public class ReviewReader implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(ReviewReader.class);

    private final OutcomeReader<SeoResult> reader;
    private final ReviewHandler handler;
    private final Thread thread = new Thread(this::read, "reviews");

    ReviewReader(OutcomeReader<SeoResult> reader, ReviewHandler handler) {
        this.reader = reader;
        this.handler = handler;
    }

    @Override
    public void start() {
        thread.start();
    }

    private void read() {
        try (reader) {
            while (true) {
                try {
                    for (Outcome<SeoResult> outcome : reader.poll(Duration.ofSeconds(1))) {
                        handle(outcome);
                    }
                    reader.commit();
                } catch (RegistryUnavailableException e) {
                    log.warn("the registry does not answer, trying again");
                }
            }
        } catch (WakeupException e) {
            log.info("stopped");
        } catch (RuntimeException e) {
            log.error("no more outcomes are read; restart the application", e);
        }
    }

    private void handle(Outcome<SeoResult> outcome) {
        if (outcome instanceof Outcome.Result<SeoResult> result) {
            handler.reviewed(result.value());
        } else if (outcome instanceof Outcome.Failed<SeoResult> failed) {
            handler.failed(failed.deadLetter());
        } else {
            log.warn("not an outcome: {}", outcome.place());
        }
    }

    @Override
    public void stop() {
        reader.wakeup();
        try {
            thread.join(Duration.ofSeconds(30).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return thread.isAlive();
    }
}
