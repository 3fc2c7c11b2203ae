package dev.sluice.bench.peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Kafka's share consumer: several in one group, each with a virtual thread for each record. A
 * consumer reads on when all records that it has read are acknowledged, so several are better than
 * one.
 */
final class ShareConsumer {
    private static final int CONSUMERS = 64;

    /** The longest that brokers allow by default. */
    private static final String LOCK_MILLIS = "60000";

    private ShareConsumer() {}

    static void start(PeerRecords records, ModelClient model, int open)
            throws ExecutionException, InterruptedException {
        fromTheBeginning(records);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        KafkaProducer<byte[], byte[]> producer = records.producer();
        for (int i = 0; i < CONSUMERS; i++) {
            var _ =
                    Thread.ofPlatform()
                            .start(() ->
                                    run(
                                            records,
                                            model,
                                            Math.max(1, open / CONSUMERS),
                                            threads,
                                            producer));
        }
    }

    private static void fromTheBeginning(PeerRecords records)
            throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(records.clientSettings())) {
            var _ =
                    admin.incrementalAlterConfigs(
                                    Map.of(
                                            new ConfigResource(
                                                    ConfigResource.Type.GROUP, PeerRecords.GROUP),
                                            List.of(
                                                    set("share.auto.offset.reset", "earliest"),
                                                    set(
                                                            "share.record.lock.duration.ms",
                                                            LOCK_MILLIS))))
                            .all()
                            .get();
        }
    }

    private static AlterConfigOp set(String key, String value) {
        return new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
    }

    private static void run(
            PeerRecords records,
            ModelClient model,
            int open,
            ExecutorService threads,
            KafkaProducer<byte[], byte[]> producer) {
        Map<String, Object> settings = new HashMap<>(records.clientSettings());
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, PeerRecords.GROUP);
        settings.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
        settings.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, open);
        try (KafkaShareConsumer<byte[], byte[]> consumer =
                new KafkaShareConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(records.topic()));
            while (true) {
                ConsumerRecords<byte[], byte[]> batch = consumer.poll(Duration.ofMillis(100));
                List<CompletableFuture<ProducerRecord<byte[], byte[]>>> answers = new ArrayList<>();
                for (ConsumerRecord<byte[], byte[]> record : batch) {
                    answers.add(
                            CompletableFuture.supplyAsync(
                                    () -> records.answer(record, model), threads));
                }
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                answers.forEach(answer -> sent.add(producer.send(answer.join())));
                if (!batch.isEmpty()) {
                    PeerRecords.await(producer, sent);
                    batch.forEach(consumer::acknowledge);
                }
            }
        }
    }
}
