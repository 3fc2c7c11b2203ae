package dev.sluice.bench.peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;

/** A thread for each partition, which processes one record after the other. */
final class PlainLoop {
    private PlainLoop() {}

    static void start(PeerRecords records, ModelClient model) {
        for (int i = 0; i < PeerRecords.PARTITIONS; i++) {
            var _ = Thread.ofPlatform().start(() -> run(records, model));
        }
    }

    private static void run(PeerRecords records, ModelClient model) {
        try (KafkaConsumer<byte[], byte[]> consumer = records.consumer(1);
                KafkaProducer<byte[], byte[]> producer = records.producer()) {
            consumer.subscribe(List.of(records.topic()));
            while (true) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(100))) {
                    sent.add(producer.send(records.answer(record, model)));
                }
                PeerRecords.await(producer, sent);
                consumer.commitSync();
            }
        }
    }
}
