package dev.sluice.admission;

import dev.sluice.admission.canary.TrialBook;
import dev.sluice.admission.ceiling.GlobalBudget;
import dev.sluice.admission.store.WriteBuffer;
import dev.sluice.contract.Topics;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.runtime.kafka.Codec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.BytesDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * The topology: one processor reads requests, settlements and budget changes, and writes jobs,
 * results, dead letters and spend. Sources are bytes. Records are decoded in the processor, because
 * a dead letter needs the bytes and records must wait during an outage of the registry.
 */
final class AdmissionTopology {
    /**
     * Name of the single state store with prefixed keys; each further changelog would cost a marker
     * per commit.
     */
    static final String STORE = "admission";

    /** Name of the global store with the published bookings of all tasks. */
    static final String TOTALS = "totals";

    /** Name of the global store with the published counts of all tasks of the trials. */
    static final String TRIALS = "trials";

    private static final String SOURCE = "all-inputs";
    private static final String PROCESSOR = "admission-gate";

    private AdmissionTopology() {}

    static Topology build(
            Topics topics,
            Collection<String> models,
            Collection<String> analyses,
            int maxChangelogBytes,
            UserPartitioner partitioner,
            Exchanges exchanges,
            InstantSource clock,
            ProcessorSupplier<byte[], byte[], byte[], byte[]> processor) {
        Topology topology = new Topology();
        topology.addSource(
                AutoOffsetReset.earliest(),
                SOURCE,
                new PastTimestamps(clock),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.requests(),
                topics.repartitionedRequests(),
                topics.settlements(),
                topics.budgets());
        topology.addProcessor(PROCESSOR, processor, SOURCE);
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                                WriteBuffer.before(Stores.persistentKeyValueStore(STORE)),
                                Serdes.Bytes(),
                                Serdes.ByteArray())
                        .withLoggingEnabled(
                                Map.of(
                                        "max.message.bytes",
                                        String.valueOf(maxChangelogBytes),
                                        "compression.type",
                                        Codec.LZ4.setting())),
                PROCESSOR);
        List<String> outputs = new ArrayList<>();
        outputs.add(topics.deadLetters());
        outputs.add(topics.spend());
        for (String model : models) {
            outputs.add(topics.jobs(model));
            outputs.add(topics.bulkJobs(model));
        }
        analyses.forEach(analysis -> outputs.add(topics.results(analysis)));
        for (String output : outputs) {
            topology.addSink(
                    sink(output),
                    output,
                    new ByteArraySerializer(),
                    new ByteArraySerializer(),
                    PROCESSOR);
        }
        topology.addSink(
                sink(topics.repartitionedRequests()),
                topics.repartitionedRequests(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                (_, user, _, _) -> Optional.of(Set.of(partitioner.of(user))),
                PROCESSOR);
        if (exchanges.ofTotals()) {
            addExchange(topology, TOTALS, topics.totals(), GlobalBudget::isPublished);
        }
        if (exchanges.ofTrials()) {
            addExchange(topology, TRIALS, topics.trials(), TrialBook::isPublished);
        }
        return topology;
    }

    /**
     * What tasks tell each other. The thread that reads it polls many times a second, so it exists
     * only if it is needed.
     *
     * @param ofTotals bookings, if ceilings are configured
     * @param ofTrials counts of trials, if canaries are configured
     */
    record Exchanges(boolean ofTotals, boolean ofTrials) {}

    /** Adds a global store of what tasks publish, and the way to its topic. */
    private static void addExchange(
            Topology topology,
            String store,
            String topic,
            BiPredicate<@Nullable Bytes, byte @Nullable []> isPublished) {
        topology.addGlobalStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(store),
                                Serdes.Bytes(),
                                Serdes.ByteArray())
                        .withLoggingDisabled(),
                "all-" + store,
                new BytesDeserializer(),
                new ByteArrayDeserializer(),
                topic,
                store + "-keeper",
                () -> new Keeper(store, isPublished));
        topology.addSink(
                sink(topic),
                topic,
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                PROCESSOR);
    }

    /** Stores what tasks have published, and ignores other records. */
    private static final class Keeper extends ContextualProcessor<Bytes, byte[], Void, Void> {
        private final String store;
        private final BiPredicate<@Nullable Bytes, byte @Nullable []> isPublished;

        Keeper(String store, BiPredicate<@Nullable Bytes, byte @Nullable []> isPublished) {
            this.store = store;
            this.isPublished = isPublished;
        }

        @Override
        public void process(Record<Bytes, byte[]> record) {
            if (isPublished.test(record.key(), record.value())) {
                context()
                        .<KeyValueStore<Bytes, byte[]>>getStateStore(store)
                        .put(record.key(), record.value());
            }
        }
    }

    /** Name of the sink that writes to a topic. */
    static String sink(String topic) {
        return "to-" + topic;
    }

    /**
     * Uses the time of receipt for a record whose timestamp is missing, 0, negative or in the
     * future. Kafka Streams would stop at a negative one. The broker would reject a future one in
     * the changelog, again and again, because the record would be read again.
     */
    record PastTimestamps(InstantSource clock) implements TimestampExtractor {
        @Override
        public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
            long now = clock.millis();
            return record.timestamp() <= 0 ? now : Math.min(record.timestamp(), now);
        }
    }
}
