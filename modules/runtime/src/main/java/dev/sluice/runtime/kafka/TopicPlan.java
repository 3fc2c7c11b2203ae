package dev.sluice.runtime.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * The topics of an installation with their sizes and what is kept how long.
 *
 * @param partitions of every topic
 * @param replicas of every topic
 */
public record TopicPlan(
        KafkaConnection connection,
        Collection<String> analyses,
        Collection<String> models,
        int partitions,
        short replicas) {
    private static final String KEEP_FOR_EVER = "-1";

    /** Creates what is missing and leaves what exists as it is. */
    public List<String> create(Admin admin) throws InterruptedException {
        List<String> created = new ArrayList<>();
        var results = admin.createTopics(topics()).values();
        for (var entry : new TreeMap<>(results).entrySet()) {
            try {
                entry.getValue().get();
                created.add(entry.getKey());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw new IllegalStateException(
                            "cannot create topic " + entry.getKey() + ": " + e.getCause(), e);
                }
            }
        }
        return created;
    }

    List<NewTopic> topics() {
        var names = connection.topics();
        List<NewTopic> topics = new ArrayList<>();
        topics.add(topic(names.requests(), connection.maxRequestBytes(), Map.of()));
        topics.add(topic(names.deadLetters(), connection.maxInternalBytes(), Map.of()));
        topics.add(topic(names.calls(), connection.maxRequestBytes(), Map.of()));
        topics.add(
                topic(
                        names.spend(),
                        connection.maxRequestBytes(),
                        Map.of("cleanup.policy", "compact,delete")));
        topics.add(
                topic(
                        names.settlements(),
                        connection.maxInternalBytes(),
                        Map.of("retention.ms", KEEP_FOR_EVER)));
        for (String analysis : analyses) {
            topics.add(topic(names.results(analysis), connection.maxRequestBytes(), Map.of()));
        }
        for (String model : models) {
            for (String name :
                    List.of(names.jobs(model), names.bulkJobs(model), names.attempts(model))) {
                topics.add(
                        topic(
                                name,
                                connection.maxInternalBytes(),
                                Map.of("retention.ms", KEEP_FOR_EVER)));
            }
        }
        return topics;
    }

    private NewTopic topic(String name, int maxBytes, Map<String, String> settings) {
        Map<String, String> all = new TreeMap<>(settings);
        all.put("max.message.bytes", String.valueOf(maxBytes + 64 * 1024));
        return new NewTopic(name, partitions, replicas).configs(all);
    }
}
