package dev.sluice.bench.peer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/**
 * A virtual thread for each record. Offsets of a batch are committed when all answers of it and of
 * the batches before it are written, so no batch waits for another one's slowest call.
 */
final class VirtualThreads {
    private final PeerRecords records;
    private final ModelClient model;
    private final Semaphore free;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Deque<Batch> batches = new ArrayDeque<>();

    /** Records that were read together, and the offsets after them. */
    private record Batch(
            CompletableFuture<Void> written, Map<TopicPartition, OffsetAndMetadata> next) {}

    private VirtualThreads(PeerRecords records, ModelClient model, int open) {
        this.records = records;
        this.model = model;
        this.free = new Semaphore(open);
    }

    static void start(PeerRecords records, ModelClient model, int open) {
        VirtualThreads peer = new VirtualThreads(records, model, open);
        var _ = Thread.ofPlatform().start(peer::run);
    }

    private void run() {
        try (KafkaConsumer<byte[], byte[]> consumer = records.consumer(1);
                KafkaProducer<byte[], byte[]> producer = records.producer()) {
            consumer.subscribe(List.of(records.topic()));
            while (true) {
                ConsumerRecords<byte[], byte[]> batch = consumer.poll(Duration.ofMillis(10));
                if (!batch.isEmpty()) {
                    batches.add(new Batch(start(batch, producer), batch.nextOffsets()));
                }
                commit(consumer);
            }
        }
    }

    private CompletableFuture<Void> start(
            ConsumerRecords<byte[], byte[]> batch, KafkaProducer<byte[], byte[]> producer) {
        List<CompletableFuture<Void>> written = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : batch) {
            free.acquireUninterruptibly();
            CompletableFuture<Void> done = new CompletableFuture<>();
            written.add(done);
            threads.execute(() -> {
                var answer = records.answer(record, model);
                free.release();
                var _ =
                        producer.send(
                                answer,
                                (_, failure) -> {
                                    if (failure == null) {
                                        done.complete(null);
                                    } else {
                                        done.completeExceptionally(failure);
                                    }
                                });
            });
        }
        return CompletableFuture.allOf(written.toArray(CompletableFuture[]::new));
    }

    private void commit(KafkaConsumer<byte[], byte[]> consumer) {
        Batch last = null;
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        while (!batches.isEmpty() && batches.peek().written().isDone()) {
            last = batches.remove();
            last.written().join();
            next.putAll(last.next());
        }
        if (last != null) {
            consumer.commitAsync(next, null);
        }
    }
}
