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

/** The topics without which a role cannot start. */
public final class RequiredTopics {
    /** Topics that were just created are not known to every broker at once. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(100);

    private RequiredTopics() {}

    /**
     * What the brokers say of them.
     *
     * @throws EnvironmentException if one is missing, with its name, or if the brokers do not
     *     answer
     */
    public static Map<String, TopicDescription> described(
            Dependencies dependencies, Collection<String> names) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                Map<String, TopicDescription> found = new TreeMap<>();
                for (var asked :
                        dependencies.admin().describeTopics(names).topicNameValues().entrySet()) {
                    known(dependencies, asked.getValue())
                            .ifPresent(description -> found.put(asked.getKey(), description));
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

    private static Optional<TopicDescription> known(
            Dependencies dependencies, KafkaFuture<TopicDescription> asked) {
        try {
            return Optional.of(dependencies.answer(asked));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw new EnvironmentException(
                    "the brokers do not say which topics there are: " + e.getCause(), e);
        }
    }
}
