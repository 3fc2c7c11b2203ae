package dev.sluice.bench.peer;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;

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
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(100))) {
                    var _ = producer.send(records.answer(record, model));
                }
                producer.flush();
                consumer.commitSync();
            }
        }
    }
}
