package dev.sluice.worker.consume;

import dev.sluice.contract.Topics;
import dev.sluice.worker.journal.TenureJournal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what no successor of this worker will read: jobs below the committed frontier, and
 * journal entries below the committed floor of both lanes. Their topics keep everything until then.
 */
public final class Cleanup implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Cleanup.class);

    /** Both lanes of a model share a journal. */
    private static final int LANES = 2;

    private final Admin admin;
    private final Topics topics;
    private final Supplier<Snapshot> snapshots;
    private final Duration interval;
    private final Map<TopicPartition, Long> deleted = new HashMap<>();
    private final CountDownLatch stopped = new CountDownLatch(1);

    public Cleanup(Admin admin, Topics topics, Supplier<Snapshot> snapshots, Duration interval) {
        this.admin = admin;
        this.topics = topics;
        this.snapshots = snapshots;
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
        Map<TopicPartition, RecordsToDelete> obsolete = new HashMap<>();
        obsolete(snapshots.get().tenures().values(), topics)
                .forEach((partition, offset) -> {
                    if (offset > deleted.getOrDefault(partition, 0L)) {
                        obsolete.put(partition, RecordsToDelete.beforeOffset(offset));
                    }
                });
        if (obsolete.isEmpty()) {
            return;
        }
        try {
            var _ = admin.deleteRecords(obsolete).all().get();
            obsolete.forEach(
                    (partition, records) -> deleted.put(partition, records.beforeOffset()));
        } catch (ExecutionException | KafkaException e) {
            log.atWarn()
                    .addKeyValue("reason", e.toString())
                    .log("finished jobs cannot be deleted yet; trying again");
        }
    }

    /** Below which offset nothing is needed any more. */
    static Map<TopicPartition, Long> obsolete(Collection<Tenure> tenures, Topics topics) {
        Map<TopicPartition, Long> below = new HashMap<>();
        Map<TopicPartition, List<Long>> floors = new HashMap<>();
        for (Tenure tenure : tenures) {
            if (tenure.committedPosition() > 0) {
                below.put(tenure.partition(), tenure.committedPosition());
            }
            TopicPartition attempts =
                    new TopicPartition(
                            topics.attempts(tenure.model()), tenure.partition().partition());
            tenure.journal()
                    .map(TenureJournal::committedFloor)
                    .filter(OptionalLong::isPresent)
                    .ifPresent(floor ->
                            floors.computeIfAbsent(attempts, key -> new ArrayList<>())
                                    .add(floor.getAsLong()));
        }
        floors.forEach((attempts, lanes) -> {
            if (lanes.size() == LANES) {
                below.put(attempts, Collections.min(lanes));
            }
        });
        return below;
    }
}
