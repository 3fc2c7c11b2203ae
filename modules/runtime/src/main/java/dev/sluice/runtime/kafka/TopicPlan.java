package dev.sluice.runtime.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * The planned topics of an installation, with partitions, retention, cleanup and record sizes.
 *
 * @param connection names and record sizes of the topics
 * @param analyses names of all analyses, each with a results topic
 * @param models names of all models, each with jobs and journal topics
 * @param partitions number of partitions of every topic
 * @param replicas number of replicas of every topic
 * @param publicCodec compression of the topics that other systems read
 */
public record TopicPlan(
        KafkaConnection connection,
        Collection<String> analyses,
        Collection<String> models,
        int partitions,
        short replicas,
        Codec publicCodec) {
    /** Longest wait for the leaders of new topics. */
    private static final Duration LEADERS_WITHIN = Duration.ofSeconds(30);

    private static final int ONE_LOOK_MS = 5_000;
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final String RETENTION = "retention.ms";
    private static final String KEEP_FOR_EVER = "-1";
    private static final String FIVE_WEEKS = String.valueOf(Duration.ofDays(35).toMillis());
    private static final String MAX_BYTES = "max.message.bytes";
    private static final String CLEANUP = "cleanup.policy";
    private static final String COMPRESSION = "compression.type";
    private static final String GZIP_LEVEL = "compression.gzip.level";

    /** The brokers keep the compression that the producer of the requests chose. */
    private static final String AS_WRITTEN = "producer";

    /** Gzip level 1 takes half the CPU of the default level, for 5 % more bytes. */
    private static final String FAST = "1";

    /** Compression of topics that only Sluice reads. */
    private static final Codec INTERNAL_CODEC = Codec.LZ4;

    /** A plan with gzip on public topics, which every client can read. */
    public TopicPlan(
            KafkaConnection connection,
            Collection<String> analyses,
            Collection<String> models,
            int partitions,
            short replicas) {
        this(connection, analyses, models, partitions, replicas, Codec.GZIP);
    }

    /** The names of all planned topics. */
    public List<String> names() {
        return topics().stream().map(NewTopic::name).toList();
    }

    /**
     * Compares existing topics with the plan: partitions, retention, compaction and record size.
     * Sluice never changes existing topics, because more partitions or a shorter retention cannot
     * be undone. Compression may differ: it can be changed at any time, and applies to later
     * records.
     *
     * @return one message per difference, with the fix
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
                int actual = answer(descriptions, topic.name()).partitions().size();
                if (actual != partitions) {
                    differences.add(
                            "%s has %d partitions, planned are %d: set topics.partitions to %d, or delete the topic if it is not in use"
                                    .formatted(topic.name(), actual, partitions, actual));
                }
                addDifferences(topic, answer(configs, resource(topic)), differences);
            }
            return differences;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot read the topics' settings: " + e.getCause(), e);
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

    /** The brokers' answer about one topic. */
    private static <K, V> V answer(Map<K, V> answers, K about) {
        return Optional.ofNullable(answers.get(about))
                .orElseThrow(
                        () -> new IllegalStateException("the brokers do not describe " + about));
    }

    private static ConfigResource resource(NewTopic topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
    }

    /**
     * Creates missing topics, and leaves existing ones unchanged. Waits until brokers lead the new
     * partitions.
     *
     * @return names of the created topics
     */
    public List<String> create(Admin admin) throws InterruptedException {
        List<String> created = new ArrayList<>();
        List<NewTopic> planned = topics();
        var results = admin.createTopics(planned).values();
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
        awaitLeaders(
                admin, planned.stream().filter(topic -> created.contains(topic.name())).toList());
        return created;
    }

    /**
     * Waits until brokers lead the partitions of new topics. The controller answers before that. An
     * idempotent producer that begins meanwhile may get its first batch rejected and its second one
     * accepted, and sends the first in vain then until its delivery timeout.
     */
    public static void awaitLeaders(Admin admin, List<NewTopic> topics)
            throws InterruptedException {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (NewTopic topic : topics) {
            for (int partition = 0; partition < topic.numPartitions(); partition++) {
                ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
            }
        }
        long end = System.nanoTime() + LEADERS_WITHIN.toNanos();
        while (true) {
            try {
                // Only leaders answer.
                var _ =
                        admin.listOffsets(ends, new ListOffsetsOptions().timeoutMs(ONE_LOOK_MS))
                                .all()
                                .get();
                return;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AuthorizationException) {
                    // Whoever may create topics need not be allowed to read their offsets.
                    return;
                }
                if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > end) {
                    throw new IllegalStateException(
                            "the new topics exist, but brokers do not lead all of their partitions"
                                    + " yet; check the brokers, then run the same command again: "
                                    + e.getCause(),
                            e);
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    List<NewTopic> topics() {
        var names = connection.topics();
        int small = connection.maxRequestBytes();
        int large = connection.maxInternalBytes();
        Map<String, String> compacted = Map.of(CLEANUP, "compact");
        Map<String, String> kept = Map.of(RETENTION, KEEP_FOR_EVER);
        List<NewTopic> topics = new ArrayList<>();
        topics.add(topic(names.requests(), small, Map.of(COMPRESSION, AS_WRITTEN)));
        topics.add(publicTopic(names.deadLetters(), large, Map.of()));
        topics.add(publicTopic(names.calls(), small, Map.of()));
        Map<String, String> forFiveWeeks = Map.of(CLEANUP, "compact,delete", RETENTION, FIVE_WEEKS);
        topics.add(publicTopic(names.discards(), small, forFiveWeeks));
        topics.add(publicTopic(names.spend(), small, forFiveWeeks));
        topics.add(publicTopic(names.budgets(), small, compacted));
        topics.add(internalTopic(names.settlements(), large, kept));
        topics.add(internalTopic(names.repartitionedRequests(), large, kept));
        topics.add(internalTopic(names.totals(), small, compacted));
        topics.add(internalTopic(names.trials(), small, compacted));
        for (String analysis : analyses) {
            topics.add(publicTopic(names.results(analysis), small, Map.of()));
        }
        for (String model : models) {
            for (String name :
                    List.of(names.jobs(model), names.bulkJobs(model), names.attempts(model))) {
                topics.add(internalTopic(name, large, kept));
            }
        }
        return topics;
    }

    private NewTopic publicTopic(String name, int maxBytes, Map<String, String> settings) {
        return compressed(publicCodec, name, maxBytes, settings);
    }

    private NewTopic internalTopic(String name, int maxBytes, Map<String, String> settings) {
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
