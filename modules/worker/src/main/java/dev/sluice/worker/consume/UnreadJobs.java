package dev.sluice.worker.consume;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.ThrottledLog;
import dev.sluice.runtime.kafka.TopicReader;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Finds unfinished jobs of models that this worker does not read. They are left if a model is
 * removed from the analyses and the configuration before its jobs have ended. Looks from time to
 * time, on a thread of its own.
 */
public final class UnreadJobs implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(UnreadJobs.class);

    /** Time between two looks while there are no such jobs; each look asks the brokers. */
    private static final Duration WITHOUT = Duration.ofMinutes(1);

    private final Admin admin;
    private final KafkaConnection connection;
    private final Set<String> models;
    private final String groupId;
    private final Duration interval;
    private final ThrottledLog failed = new ThrottledLog(new SteadyClock());

    /** Partitions that could not be read, each reported once. */
    private final Set<TopicPartition> unreadable = new HashSet<>();

    private final CountDownLatch stopped = new CountDownLatch(1);

    private volatile Set<String> waiting = Set.of();

    /**
     * @param models the models whose jobs this worker reads
     * @param groupId the workers' group, which has committed what is finished
     */
    public UnreadJobs(
            Admin admin,
            KafkaConnection connection,
            Set<String> models,
            String groupId,
            Duration interval) {
        this.admin = admin;
        this.connection = connection;
        this.models = Set.copyOf(models);
        this.groupId = groupId;
        this.interval = interval;
    }

    /** Names the models whose jobs wait, and says what to do; empty if there are none. */
    public Optional<String> complaint() {
        Set<String> now = waiting;
        return now.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "jobs wait for models that are not configured here: add "
                                + now.stream()
                                        .map(model -> "models." + model)
                                        .collect(Collectors.joining(", "))
                                + " until the jobs have ended");
    }

    @Override
    public void run() {
        try {
            Duration pause;
            do {
                look();
                pause = waiting.isEmpty() ? WITHOUT : interval;
            } while (!stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public void stop() {
        stopped.countDown();
    }

    private void look() throws InterruptedException {
        try {
            Set<String> found = modelsWithJobs();
            boolean isNew = !found.isEmpty() && !found.equals(waiting);
            waiting = found;
            if (isNew) {
                complaint().ifPresent(complaint -> log.atWarn().log(complaint));
            }
        } catch (ExecutionException | RuntimeException e) {
            // Whatever is wrong with jobs of other models must not stop this worker.
            log.atLevel(failed.isDue() ? Level.WARN : Level.DEBUG)
                    .addKeyValue("reason", e.toString())
                    .log("cannot look for jobs of other models yet; trying again");
        }
    }

    private Set<String> modelsWithJobs() throws ExecutionException, InterruptedException {
        Map<String, String> others = new TreeMap<>();
        for (String topic : admin.listTopics().names().get()) {
            connection
                    .topics()
                    .modelOfJobs(topic)
                    .filter(model -> !models.contains(model))
                    .ifPresent(model -> others.put(topic, model));
        }
        if (others.isEmpty()) {
            return Set.of();
        }
        Set<String> found = new TreeSet<>();
        try (TopicReader reader = TopicReader.open(connection)) {
            Map<TopicPartition, Start> starts = starts(partitions(others.keySet()));
            starts.forEach((partition, start) -> {
                if (hasJobs(reader, partition, start)) {
                    found.add(others.getOrDefault(partition.topic(), ""));
                }
            });
        }
        return found;
    }

    private List<TopicPartition> partitions(Collection<String> names)
            throws ExecutionException, InterruptedException {
        return admin.describeTopics(names).allTopicNames().get().values().stream()
                .flatMap(topic ->
                        topic.partitions().stream()
                                .map(each -> new TopicPartition(topic.name(), each.partition())))
                .toList();
    }

    /** Where a partition begins, and what the group has committed for it. */
    private record Start(long first, Optional<OffsetAndMetadata> commit) {
        CommitFrontier frontier() {
            return commit.map(known -> FrontierCodec.decode(known).frontier())
                    .orElseGet(() -> CommitFrontier.at(first));
        }
    }

    private boolean hasJobs(TopicReader reader, TopicPartition partition, Start start) {
        try {
            CommitFrontier frontier = start.frontier();
            return reader.anyMatch(
                    Map.of(partition, frontier.position()),
                    job -> !frontier.isFinished(job.offset()));
        } catch (TimeoutException e) {
            throw e;
        } catch (RuntimeException e) {
            // A damaged commit, or records that are gone. Whether jobs wait here, nobody knows.
            log.atLevel(unreadable.add(partition) ? Level.WARN : Level.DEBUG)
                    .addKeyValue("partition", partition.toString())
                    .addKeyValue("reason", e.toString())
                    .log("cannot look for jobs of another model in this partition");
            return false;
        }
    }

    private Map<TopicPartition, Start> starts(List<TopicPartition> partitions)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed =
                admin.listConsumerGroupOffsets(groupId).partitionsToOffsetAndMetadata().get();
        Map<TopicPartition, Start> starts = new HashMap<>();
        admin.listOffsets(
                        partitions.stream()
                                .collect(
                                        Collectors.toMap(
                                                Function.identity(), _ -> OffsetSpec.earliest())))
                .all()
                .get()
                .forEach((partition, earliest) ->
                        starts.put(
                                partition,
                                new Start(
                                        earliest.offset(),
                                        Optional.ofNullable(committed.get(partition)))));
        return starts;
    }
}
