package dev.sluice.admission;

import dev.sluice.admission.ceiling.GlobalBudget;
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

    private static final String SOURCE = "all-inputs";
    private static final String PROCESSOR = "admission-gate";

    private AdmissionTopology() {}

    static Topology build(
            Topics topics,
            Collection<String> models,
            Collection<String> analyses,
            int maxChangelogBytes,
            UserPartitioner partitioner,
            boolean ceilings,
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
                                Stores.persistentKeyValueStore(STORE),
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
        if (ceilings) {
            addTotals(topology, topics);
        }
        return topology;
    }

    /**
     * Adds the global store of bookings. Its own thread polls many times a second, so it exists
     * only if ceilings are configured.
     */
    private static void addTotals(Topology topology, Topics topics) {
        topology.addGlobalStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(TOTALS),
                                Serdes.Bytes(),
                                Serdes.ByteArray())
                        .withLoggingDisabled(),
                "all-totals",
                new BytesDeserializer(),
                new ByteArrayDeserializer(),
                topics.totals(),
                "totals-keeper",
                TotalsKeeper::new);
        topology.addSink(
                sink(topics.totals()),
                topics.totals(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                PROCESSOR);
    }

    /** Stores published bookings, and ignores records that are not valid ones. */
    private static final class TotalsKeeper extends ContextualProcessor<Bytes, byte[], Void, Void> {
        @Override
        public void process(Record<Bytes, byte[]> record) {
            if (GlobalBudget.isPublished(record.key(), record.value())) {
                context()
                        .<KeyValueStore<Bytes, byte[]>>getStateStore(TOTALS)
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
