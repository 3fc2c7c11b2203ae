package dev.sluice.admission;

import dev.sluice.contract.Topics;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.runtime.kafka.AclPlan;
import dev.sluice.runtime.kafka.Dependencies;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.RequiredTopics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.TopicDescription;

/**
 * Checks the partition counts of admission's topics. Kafka Streams does not check them, and with
 * wrong ones a user would have two accounts.
 */
final class AdmissionTopics {
    private AdmissionTopics() {}

    /**
     * The partitioner of users, after a check of the topics' partitions.
     *
     * @throws EnvironmentException if a topic is missing or partition counts do not match; the
     *     message names the fix
     */
    static UserPartitioner partitioner(
            Dependencies dependencies,
            Topics topics,
            Collection<String> models,
            Collection<String> analyses) {
        Map<String, TopicDescription> found =
                RequiredTopics.described(
                        dependencies,
                        topics,
                        AclPlan.Role.ADMISSION,
                        names(topics, models, analyses));
        int owners = partitions(found, topics.settlements());
        int repartitioned = partitions(found, topics.repartitionedRequests());
        int requests = partitions(found, topics.requests());
        int budgets = partitions(found, topics.budgets());
        if (repartitioned != owners) {
            throw new EnvironmentException(
                    "%s has %d partitions and %s has %d: they must have the same number. Delete %s while admission is stopped and run sluice topics create with topics.partitions=%d"
                            .formatted(
                                    topics.settlements(),
                                    owners,
                                    topics.repartitionedRequests(),
                                    repartitioned,
                                    topics.repartitionedRequests(),
                                    owners));
        }
        if (requests > owners) {
            throw new EnvironmentException(
                    "%s has %d partitions, more than the %d of %s, which were fixed when Sluice was installed because users' accounts are stored by them. Publish to a topic with at most %d partitions"
                            .formatted(
                                    topics.requests(),
                                    requests,
                                    owners,
                                    topics.settlements(),
                                    owners));
        }
        if (budgets > owners) {
            throw new EnvironmentException(
                    "%s has %d partitions, more than the %d of %s: create it with sluice topics create"
                            .formatted(topics.budgets(), budgets, owners, topics.settlements()));
        }
        return new UserPartitioner(owners);
    }

    /**
     * The topics that admission reads and writes. Kafka Streams would wait a minute for a missing
     * one.
     */
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
                                topics.trials(),
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
            throw new EnvironmentException("the brokers do not describe the topic " + topic);
        }
        return description.partitions().size();
    }
}
