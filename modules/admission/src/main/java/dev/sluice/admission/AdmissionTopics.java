package dev.sluice.admission;

import dev.sluice.contract.Topics;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.runtime.kafka.Dependencies;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.RequiredTopics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.TopicDescription;

/**
 * The partitions of what admission reads. Kafka Streams does not look at them: with the wrong ones
 * a user would have two accounts.
 */
final class AdmissionTopics {
    private AdmissionTopics() {}

    /**
     * Where users' books are kept, by the partitions that the topics have.
     *
     * @throws EnvironmentException if one is missing, or they do not go together, with what to do
     */
    static UserPartitioner partitioner(
            Dependencies dependencies,
            Topics topics,
            Collection<String> models,
            Collection<String> analyses) {
        Map<String, TopicDescription> found =
                RequiredTopics.described(dependencies, names(topics, models, analyses));
        int books = partitions(found, topics.settlements());
        int repartitioned = partitions(found, topics.repartitionedRequests());
        int requests = partitions(found, topics.requests());
        int budgets = partitions(found, topics.budgets());
        if (repartitioned != books) {
            throw new EnvironmentException(
                    "%s has %d partitions and %s has %d: they must have the same number. Delete %s while admission is stopped and run sluice topics create with topics.partitions=%d"
                            .formatted(
                                    topics.settlements(),
                                    books,
                                    topics.repartitionedRequests(),
                                    repartitioned,
                                    topics.repartitionedRequests(),
                                    books));
        }
        if (requests > books) {
            throw new EnvironmentException(
                    "%s has %d partitions, more than the %d of %s, which were fixed when Sluice was installed: users' books are kept by these. Publish to a topic with at most %d partitions"
                            .formatted(
                                    topics.requests(),
                                    requests,
                                    books,
                                    topics.settlements(),
                                    books));
        }
        if (budgets > books) {
            throw new EnvironmentException(
                    "%s has %d partitions, more than the %d of %s: create it with sluice topics create"
                            .formatted(topics.budgets(), budgets, books, topics.settlements()));
        }
        return new UserPartitioner(books);
    }

    /** All that it reads and writes: Kafka Streams waits a minute for one that is not there. */
    private static List<String> names(
            Topics topics, Collection<String> models, Collection<String> analyses) {
        List<String> names =
                new ArrayList<>(
                        List.of(
                                topics.requests(),
                                topics.repartitionedRequests(),
                                topics.budgets(),
                                topics.settlements(),
                                topics.totals(),
                                topics.spend(),
                                topics.deadLetters()));
        for (String model : models) {
            names.add(topics.jobs(model));
            names.add(topics.bulkJobs(model));
        }
        analyses.forEach(analysis -> names.add(topics.results(analysis)));
        return names;
    }

    private static int partitions(Map<String, TopicDescription> found, String topic) {
        TopicDescription description = found.get(topic);
        if (description == null) {
            throw new EnvironmentException("the brokers say nothing of " + topic);
        }
        return description.partitions().size();
    }
}
