package example;

import dev.sluice.contract.outcome.Outcome;
import dev.sluice.contract.outcome.OutcomeReader;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.results.SeoResult;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
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

    private final Supplier<OutcomeReader<SeoResult>> outcomes;
    private final ReviewHandler handler;
    private OutcomeReader<SeoResult> reader;
    private Thread thread;

    ReviewReader(Supplier<OutcomeReader<SeoResult>> outcomes, ReviewHandler handler) {
        this.outcomes = outcomes;
        this.handler = handler;
    }

    @Override
    public synchronized void start() {
        OutcomeReader<SeoResult> opened = outcomes.get();
        reader = opened;
        thread = new Thread(() -> read(opened), "reviews");
        thread.start();
    }

    private void read(OutcomeReader<SeoResult> reader) {
        try (reader) {
            while (true) {
                for (Outcome<SeoResult> outcome : poll(reader)) {
                    handle(outcome);
                }
                commit(reader);
            }
        } catch (WakeupException e) {
            log.info("stopped");
        } catch (RuntimeException e) {
            log.error("no more outcomes are read; restart the application", e);
        }
    }

    private static List<Outcome<SeoResult>> poll(OutcomeReader<SeoResult> reader) {
        try {
            return reader.poll(Duration.ofSeconds(1));
        } catch (RegistryUnavailableException | SchemaNotFoundException e) {
            log.warn("the registry does not give a schema; trying again: {}", e.getMessage());
            return List.of();
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

    private static void commit(OutcomeReader<SeoResult> reader) {
        try {
            reader.commit();
        } catch (CommitFailedException | RebalanceInProgressException e) {
            log.warn("partitions move to another instance, which may handle the same again");
        }
    }

    @Override
    public synchronized void stop() {
        reader.wakeup();
        try {
            thread.join(Duration.ofSeconds(30).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null && thread.isAlive();
    }
}
