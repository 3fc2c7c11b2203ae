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
 * @param publicCodec how the brokers keep what Sluice writes for others
 */
public record TopicPlan(
        KafkaConnection connection,
        Collection<String> analyses,
        Collection<String> models,
        int partitions,
        short replicas,
        Codec publicCodec) {
    private static final String RETENTION = "retention.ms";
    private static final String KEEP_FOR_EVER = "-1";
    private static final String FIVE_WEEKS = String.valueOf(Duration.ofDays(35).toMillis());
    private static final String MAX_BYTES = "max.message.bytes";
    private static final String CLEANUP = "cleanup.policy";
    private static final String COMPRESSION = "compression.type";
    private static final String GZIP_LEVEL = "compression.gzip.level";

    /** Whoever writes requests has chosen; the brokers keep them as they come. */
    private static final String AS_WRITTEN = "producer";

    /** Half the CPU of the default for 5 % more bytes. */
    private static final String FAST = "1";

    /** Of topics that Sluice alone reads. */
    private static final Codec INTERNAL_CODEC = Codec.LZ4;

    /** With public topics that every client can read. */
    public TopicPlan(
            KafkaConnection connection,
            Collection<String> analyses,
            Collection<String> models,
            int partitions,
            short replicas) {
        this(connection, analyses, models, partitions, replicas, Codec.GZIP);
    }

    /**
     * How existing topics differ from the plan in what must not differ: partitions, retention,
     * compaction, record size. They are never changed: more partitions or less retention cannot be
     * taken back. How their records are compressed may differ: it can be changed at any time, and
     * is of the records that come after.
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
                    if (key.equals(COMPRESSION) || key.equals(GZIP_LEVEL)) {
                        return;
                    }
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
        int small = connection.maxRequestBytes();
        int large = connection.maxInternalBytes();
        Map<String, String> compacted = Map.of(CLEANUP, "compact");
        Map<String, String> kept = Map.of(RETENTION, KEEP_FOR_EVER);
        List<NewTopic> topics = new ArrayList<>();
        topics.add(topic(names.requests(), small, Map.of(COMPRESSION, AS_WRITTEN)));
        topics.add(forOthers(names.deadLetters(), large, Map.of()));
        topics.add(forOthers(names.calls(), small, Map.of()));
        topics.add(
                forOthers(
                        names.spend(),
                        small,
                        Map.of(CLEANUP, "compact,delete", RETENTION, FIVE_WEEKS)));
        topics.add(forOthers(names.budgets(), small, compacted));
        topics.add(internal(names.settlements(), large, kept));
        topics.add(internal(names.repartitionedRequests(), large, kept));
        topics.add(internal(names.totals(), small, compacted));
        for (String analysis : analyses) {
            topics.add(forOthers(names.results(analysis), small, Map.of()));
        }
        for (String model : models) {
            for (String name :
                    List.of(names.jobs(model), names.bulkJobs(model), names.attempts(model))) {
                topics.add(internal(name, large, kept));
            }
        }
        return topics;
    }

    private NewTopic forOthers(String name, int maxBytes, Map<String, String> settings) {
        return compressed(publicCodec, name, maxBytes, settings);
    }

    private NewTopic internal(String name, int maxBytes, Map<String, String> settings) {
        return compressed(INTERNAL_CODEC, name, maxBytes, settings);
    }

    private NewTopic compressed(
            Codec codec, String name, int maxBytes, Map<String, String> settings) {
        Map<String, String> all = new TreeMap<>(settings);
        all.put(COMPRESSION, codec.setting());
        if (codec == Codec.GZIP) {
            all.put(GZIP_LEVEL, FAST);
        }
        return topic(name, maxBytes, all);
    }

    private NewTopic topic(String name, int maxBytes, Map<String, String> settings) {
        Map<String, String> all = new TreeMap<>(settings);
        all.putIfAbsent(CLEANUP, "delete");
        all.put(MAX_BYTES, String.valueOf(maxBytes + 64 * 1024));
        return new NewTopic(name, partitions, replicas).configs(all);
    }
}
