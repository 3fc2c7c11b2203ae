package dev.sluice.worker.process;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.kafka.ThrottledLog;
import dev.sluice.worker.journal.JobJournal;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Lets jobs wait while the schema registry does not answer. Safe for use by many threads. */
final class RegistryWaits {
    private static final Logger log = LoggerFactory.getLogger(RegistryWaits.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final ThrottledLog warnings = new ThrottledLog(new SteadyClock());

    /** Acquires the job's slot again after a wait. */
    interface SlotAcquisition {
        void acquire() throws InterruptedException;
    }

    /** Runs a step that needs the registry, and repeats it until the registry answers. */
    <T> T await(Supplier<T> step, Runnable before, SlotAcquisition after)
            throws InterruptedException {
        return RegistryOutage.waitOut(
                step,
                reason -> {
                    logThatJobsWait(reason);
                    before.run();
                    Thread.sleep(PAUSE);
                    after.acquire();
                });
    }

    /**
     * Runs a step of a job that needs the registry. The job releases its slot while it waits, so
     * that other jobs can work.
     */
    <T> T await(JobWork work, Supplier<T> step) throws InterruptedException {
        return await(
                step,
                () -> work.journal().ifPresent(JobJournal::releaseSlot),
                () -> {
                    if (work.journal().isPresent()) {
                        work.journal().get().acquireSlot();
                    }
                });
    }

    /**
     * Logs that jobs wait. An outage of the whole registry is logged at debug level only, because
     * the health check logs it.
     */
    private void logThatJobsWait(RuntimeException reason) {
        boolean warn = !(reason instanceof RegistryUnavailableException) && warnings.isDue();
        log.atLevel(warn ? Level.WARN : Level.DEBUG)
                .addKeyValue("reason", reason.getMessage())
                .log("jobs wait: the schema registry answers with errors");
    }
}
