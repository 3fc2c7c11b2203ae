package dev.sluice.runtime.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
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
    private static final String RETENTION = "retention.ms";
    private static final String KEEP_FOR_EVER = "-1";
    private static final String FIVE_WEEKS = String.valueOf(Duration.ofDays(35).toMillis());
    private static final String MAX_BYTES = "max.message.bytes";
    private static final String CLEANUP = "cleanup.policy";

    /**
     * How existing topics differ from the plan in what must not differ: partitions, retention,
     * compaction, record size. They are never changed: more partitions or less retention cannot be
     * taken back.
     */
    public List<String> differences(Admin admin) throws InterruptedException {
        List<NewTopic> planned = topics();
        try {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> present =
                    planned.stream().filter(topic -> existing.contains(topic.name())).toList();
            Map<String, TopicDescription> descriptions =
                    admin.describeTopics(present.stream().map(NewTopic::name).toList())
                            .allTopicNames()
                            .get();
            Map<ConfigResource, Config> configs =
                    admin.describeConfigs(present.stream().map(TopicPlan::resource).toList())
                            .all()
                            .get();
            List<String> differences = new ArrayList<>();
            for (NewTopic topic : present) {
                int actual = told(descriptions, topic.name()).partitions().size();
                if (actual != partitions) {
                    differences.add(
                            "%s has %d partitions, planned are %d: set topics.partitions to %d, or delete the topic if it is not in use"
                                    .formatted(topic.name(), actual, partitions, actual));
                }
                addDifferences(topic, told(configs, resource(topic)), differences);
            }
            return differences;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot look at the topics: " + e.getCause(), e);
        }
    }

    private static void addDifferences(NewTopic topic, Config actual, List<String> differences) {
        new TreeMap<>(topic.configs())
                .forEach((key, planned) -> {
                    String value = actual.get(key).value();
                    boolean enough =
                            key.equals(MAX_BYTES)
                                    ? Long.parseLong(value) >= Long.parseLong(planned)
                                    : value.equals(planned);
                    if (!enough) {
                        differences.add(
                                "%s has %s=%s, planned is %s: kafka-configs --alter --entity-type topics --entity-name %s --add-config %s=%s"
                                        .formatted(
                                                topic.name(),
                                                key,
                                                value,
                                                planned,
                                                topic.name(),
                                                key,
                                                planned.contains(",")
                                                        ? "[" + planned + "]"
                                                        : planned));
                    }
                });
    }

    /** The brokers answer for everything they are asked. */
    private static <K, V> V told(Map<K, V> answers, K about) {
        return Optional.ofNullable(answers.get(about))
                .orElseThrow(
                        () -> new IllegalStateException("the brokers say nothing of " + about));
    }

    private static ConfigResource resource(NewTopic topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
    }

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
                        Map.of(CLEANUP, "compact,delete", RETENTION, FIVE_WEEKS)));
        topics.add(
                topic(names.budgets(), connection.maxRequestBytes(), Map.of(CLEANUP, "compact")));
        topics.add(
                topic(
                        names.settlements(),
                        connection.maxInternalBytes(),
                        Map.of(RETENTION, KEEP_FOR_EVER)));
        topics.add(
                topic(
                        names.broughtRequests(),
                        connection.maxInternalBytes(),
                        Map.of(RETENTION, KEEP_FOR_EVER)));
        topics.add(topic(names.totals(), connection.maxRequestBytes(), Map.of(CLEANUP, "compact")));
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
                                Map.of(RETENTION, KEEP_FOR_EVER)));
            }
        }
        return topics;
    }

    private NewTopic topic(String name, int maxBytes, Map<String, String> settings) {
        Map<String, String> all = new TreeMap<>(settings);
        all.putIfAbsent(CLEANUP, "delete");
        all.put(MAX_BYTES, String.valueOf(maxBytes + 64 * 1024));
        return new NewTopic(name, partitions, replicas).configs(all);
    }
}
