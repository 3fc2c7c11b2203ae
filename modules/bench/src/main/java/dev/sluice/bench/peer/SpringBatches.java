package dev.sluice.bench.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
 * transaction. A batch ends with its slowest call.
 */
final class SpringBatches {
    private SpringBatches() {}

    /**
     * Starts it.
     *
     * @param open calls in flight in all; 1: the records of a batch one by one
     */
    static void start(PeerRecords records, ModelClient model, int open) {
        DefaultKafkaProducerFactory<byte[], byte[]> producers =
                new DefaultKafkaProducerFactory<>(
                        records.producerSettings(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        producers.setTransactionIdPrefix("peer-");
        KafkaTemplate<byte[], byte[]> template = new KafkaTemplate<>(producers);
        ContainerProperties properties = new ContainerProperties(records.topic());
        properties.setKafkaAwareTransactionManager(new KafkaTransactionManager<>(producers));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        BatchMessageListener<byte[], byte[]> oneByOne =
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
                        answers.add(
                                CompletableFuture.supplyAsync(
                                        () -> records.answer(record, model), threads));
                    }
                    // The listener's thread has the transaction.
                    answers.forEach(answer -> {
                        var _ = template.send(answer.join());
                    });
                };
        properties.setMessageListener(open == 1 ? oneByOne : atOnce);
        ConcurrentMessageListenerContainer<byte[], byte[]> container =
                new ConcurrentMessageListenerContainer<>(
                        new DefaultKafkaConsumerFactory<>(
                                records.consumerSettings(open / PeerRecords.PARTITIONS),
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer()),
                        properties);
        container.setConcurrency(PeerRecords.PARTITIONS);
        container.start();
    }
}
