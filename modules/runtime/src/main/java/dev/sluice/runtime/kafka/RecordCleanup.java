package dev.sluice.runtime.kafka;

import dev.sluice.analysis.guard.SteadyClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Periodically deletes finished records from topics without time-based retention. Runs on a thread
 * of its own.
 */
public final class RecordCleanup implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(RecordCleanup.class);

    private final Admin admin;
    private final Obsolete obsolete;
    private final Duration interval;
    private final Map<TopicPartition, Long> deleted = new HashMap<>();
    private final ThrottledLog failed = new ThrottledLog(new SteadyClock());
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** The source of the offsets below which no record is needed. */
    public interface Obsolete {
        Map<TopicPartition, Long> below() throws ExecutionException, InterruptedException;
    }

    public RecordCleanup(Admin admin, Obsolete obsolete, Duration interval) {
        this.admin = admin;
        this.obsolete = obsolete;
        this.interval = interval;
    }

    @Override
    public void run() {
        try {
            while (!stopped.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                deleteOnce();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public void stop() {
        stopped.countDown();
    }

    private void deleteOnce() throws InterruptedException {
        try {
            Map<TopicPartition, RecordsToDelete> records = new HashMap<>();
            obsolete.below()
                    .forEach((partition, offset) -> {
                        if (offset > deleted.getOrDefault(partition, 0L)) {
                            records.put(partition, RecordsToDelete.beforeOffset(offset));
                        }
                    });
            if (!records.isEmpty()) {
                var _ = admin.deleteRecords(records).all().get();
                records.forEach((partition, below) -> deleted.put(partition, below.beforeOffset()));
            }
        } catch (ExecutionException | KafkaException e) {
            log.atLevel(failed.isDue() ? Level.WARN : Level.DEBUG)
                    .addKeyValue("reason", e.toString())
                    .log("finished records cannot be deleted yet; trying again");
        }
    }
}
