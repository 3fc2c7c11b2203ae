package dev.sluice.admission;

import dev.sluice.contract.Placement;
import dev.sluice.contract.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The partitions of what admission reads. Kafka Streams does not look at them: with the wrong ones
 * a user would have two accounts.
 */
final class AdmissionTopics {
    /** Topics that were just created are not known to every broker at once. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(100);

    private AdmissionTopics() {}

    /**
     * Where users' books are kept, by the partitions that the topics have.
     *
     * @throws IllegalStateException if they do not go together, with what to do
     */
    static Placement placement(Admin admin, Topics topics) {
        Map<String, TopicDescription> found = described(admin, topics);
        int books = partitions(found, topics.settlements());
        int brought = partitions(found, topics.broughtRequests());
        int requests = partitions(found, topics.requests());
        int budgets = partitions(found, topics.budgets());
        if (brought != books) {
            throw new IllegalStateException(
                    "%s has %d partitions and %s has %d: they must have the same number. Delete %s while admission is stopped and run sluice topics create with topics.partitions=%d"
                            .formatted(
                                    topics.settlements(),
                                    books,
                                    topics.broughtRequests(),
                                    brought,
                                    topics.broughtRequests(),
                                    books));
        }
        if (requests > books) {
            throw new IllegalStateException(
                    "%s has %d partitions, more than the %d of %s, which were fixed when Sluice was installed: users' books are kept by these. Publish to a topic with at most %d partitions"
                            .formatted(
                                    topics.requests(),
                                    requests,
                                    books,
                                    topics.settlements(),
                                    books));
        }
        if (budgets > books) {
            throw new IllegalStateException(
                    "%s has %d partitions, more than the %d of %s: create it with sluice topics create"
                            .formatted(topics.budgets(), budgets, books, topics.settlements()));
        }
        return new Placement(books);
    }

    private static Map<String, TopicDescription> described(Admin admin, Topics topics) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                try {
                    return admin.describeTopics(
                                    List.of(
                                            topics.requests(),
                                            topics.broughtRequests(),
                                            topics.budgets(),
                                            topics.settlements()))
                            .allTopicNames()
                            .get();
                } catch (ExecutionException e) {
                    boolean missing = e.getCause() instanceof UnknownTopicOrPartitionException;
                    if (!missing || System.nanoTime() > end) {
                        throw new IllegalStateException(
                                missing
                                        ? "topics are missing: run sluice topics create"
                                        : "the brokers do not say which topics there are",
                                e);
                    }
                    Thread.sleep(PAUSE);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
    }

    private static int partitions(Map<String, TopicDescription> found, String topic) {
        TopicDescription description = found.get(topic);
        if (description == null) {
            throw new IllegalStateException("the brokers say nothing of " + topic);
        }
        return description.partitions().size();
    }
}
