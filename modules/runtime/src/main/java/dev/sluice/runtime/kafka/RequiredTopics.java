package dev.sluice.runtime.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The check that all topics of a role exist. */
public final class RequiredTopics {
    /** Longest wait for a topic: one that was just created is not known to all brokers at once. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(100);

    private RequiredTopics() {}

    /**
     * The brokers' descriptions of topics.
     *
     * @throws EnvironmentException naming the missing topics, or if the brokers do not answer
     */
    public static Map<String, TopicDescription> described(
            Dependencies dependencies, Collection<String> names) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                Map<String, TopicDescription> found = new TreeMap<>();
                for (var asked :
                        dependencies.admin().describeTopics(names).topicNameValues().entrySet()) {
                    description(dependencies, asked.getValue())
                            .ifPresent(known -> found.put(asked.getKey(), known));
                }
                if (found.keySet().containsAll(names)) {
                    return found;
                }
                if (System.nanoTime() > end) {
                    TreeSet<String> missing = new TreeSet<>(names);
                    missing.removeAll(found.keySet());
                    throw new EnvironmentException(
                            "topics are missing: run sluice topics create ("
                                    + String.join(", ", missing)
                                    + ")");
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
    }

    private static Optional<TopicDescription> description(
            Dependencies dependencies, KafkaFuture<TopicDescription> asked) {
        try {
            return Optional.of(dependencies.answer(asked));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw new EnvironmentException(
                    "the brokers do not describe the topics: " + e.getCause(), e);
        }
    }
}
