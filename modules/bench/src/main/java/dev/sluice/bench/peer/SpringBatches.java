package dev.sluice.bench.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.transaction.KafkaTransactionManager;

/**
 * Spring Kafka's container with a thread for each partition: answers and offsets of a batch in one
 * transaction. A batch ends with its slowest call, so batches are larger than calls may be open.
 */
final class SpringBatches {
    private static final int RECORDS_A_CALL = 5;
    private static final int TRANSACTION_MILLIS = 600_000;

    private SpringBatches() {}

    /**
     * Starts it.
     *
     * @param open calls in flight in all
     * @param oneByOne whether the records of a batch are processed one after the other
     */
    static void start(PeerRecords records, ModelClient model, int open, boolean oneByOne) {
        Map<String, Object> producerSettings = records.producerSettings();
        producerSettings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MILLIS);
        DefaultKafkaProducerFactory<byte[], byte[]> producers =
                new DefaultKafkaProducerFactory<>(
                        producerSettings, new ByteArraySerializer(), new ByteArraySerializer());
        producers.setTransactionIdPrefix("peer-");
        KafkaTemplate<byte[], byte[]> template = new KafkaTemplate<>(producers);
        ContainerProperties properties = new ContainerProperties(records.topic());
        properties.setKafkaAwareTransactionManager(new KafkaTransactionManager<>(producers));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Semaphore free = new Semaphore(open);
        BatchMessageListener<byte[], byte[]> inTurn =
                batch -> {
                    for (ConsumerRecord<byte[], byte[]> record : batch) {
                        var _ = template.send(records.answer(record, model));
                    }
                };
        BatchMessageListener<byte[], byte[]> atOnce =
                batch -> {
                    List<CompletableFuture<ProducerRecord<byte[], byte[]>>> answers =
                            new ArrayList<>();
                    for (ConsumerRecord<byte[], byte[]> record : batch) {
                        free.acquireUninterruptibly();
                        answers.add(
                                CompletableFuture.supplyAsync(
                                        () -> {
                                            try {
                                                return records.answer(record, model);
                                            } finally {
                                                free.release();
                                            }
                                        },
                                        threads));
                    }
                    // The listener's thread has the transaction.
                    answers.forEach(answer -> {
                        var _ = template.send(answer.join());
                    });
                };
        properties.setMessageListener(oneByOne ? inTurn : atOnce);
        ConcurrentMessageListenerContainer<byte[], byte[]> container =
                new ConcurrentMessageListenerContainer<>(
                        new DefaultKafkaConsumerFactory<>(
                                records.consumerSettings(
                                        oneByOne
                                                ? 0
                                                : RECORDS_A_CALL * open / PeerRecords.PARTITIONS),
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer()),
                        properties);
        container.setConcurrency(PeerRecords.PARTITIONS);
        container.start();
    }
}
