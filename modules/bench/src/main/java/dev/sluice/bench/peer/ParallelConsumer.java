package dev.sluice.bench.peer;

import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Confluent's Parallel Consumer, unordered, with a thread for each call in flight. */
final class ParallelConsumer {
    private ParallelConsumer() {}

    static void start(PeerRecords records, ModelClient model, int open, boolean transactional) {
        Map<String, Object> producer = records.producerSettings();
        if (transactional) {
            producer.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "peer");
        }
        ParallelStreamProcessor<byte[], byte[]> processor =
                ParallelStreamProcessor.createEosStreamProcessor(
                        ParallelConsumerOptions.<byte[], byte[]>builder()
                                .ordering(ParallelConsumerOptions.ProcessingOrder.UNORDERED)
                                .commitMode(
                                        transactional
                                                ? ParallelConsumerOptions.CommitMode
                                                        .PERIODIC_TRANSACTIONAL_PRODUCER
                                                : ParallelConsumerOptions.CommitMode
                                                        .PERIODIC_CONSUMER_ASYNCHRONOUS)
                                // Else each commit waits for all calls, and they for the commit.
                                .allowEagerProcessingDuringTransactionCommit(transactional)
                                .commitInterval(Duration.ofMillis(100))
                                .maxConcurrency(open)
                                .consumer(records.consumer(open))
                                .producer(
                                        new KafkaProducer<>(
                                                producer,
                                                new ByteArraySerializer(),
                                                new ByteArraySerializer()))
                                .build());
        processor.subscribe(List.of(records.topic()));
        processor.pollAndProduce(
                context -> records.answer(context.getSingleConsumerRecord(), model));
    }
}
