package dev.sluice.worker.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.devkit.EmbeddedKafka;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.worker.consume.CommittedOffsets;
import dev.sluice.worker.consume.StableOffsets;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.TxnOffsetCommitRequest;
import org.apache.kafka.common.requests.TxnOffsetCommitResponse;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class OutcomeTransactionsTest {
    private static final String GROUP = "workers";
    private static final TopicPartition JOBS = new TopicPartition("jobs", 0);

    private EmbeddedKafka kafka;
    private Admin admin;
    private KafkaConsumer<byte[], byte[]> consumer;
    private CommittedOffsets committed;

    @BeforeEach
    void start() throws Exception {
        // Old requests may then commit offsets outside of a transaction, which nothing ends.
        kafka = EmbeddedKafka.start(Map.of("transaction.partition.verification.enable", "false"));
        Map<String, Object> connection = Map.of("bootstrap.servers", kafka.bootstrapServers());
        admin = Admin.create(connection);
        admin.createTopics(
                        List.of(
                                new NewTopic("jobs", 1, (short) 1),
                                new NewTopic("results", 1, (short) 1)))
                .all()
                .get();
        committed = new StableOffsets(admin, GROUP);
        Map<String, Object> settings = new HashMap<>(connection);
        settings.put("group.id", GROUP);
        settings.put("group.protocol", "consumer");
        consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        consumer.close();
        admin.close();
        kafka.close();
    }

    @Test
    void recoveryRemovesOffsetsThatTheBrokersLeftPending() throws Exception {
        try (OutcomeTransactions transactions = open()) {
            commit(transactions, 5);
            leaveOffsetsPending();
            assertThatThrownBy(() -> committed.of(Set.of(JOBS), Duration.ofSeconds(1)))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("jobs-0");

            assertThat(recovered(transactions, Set.of(JOBS))).isEqualTo(Map.of(JOBS, 5L));
        }
    }

    @Test
    void recoveryNeedsNoMembershipInTheGroup() throws Exception {
        try (OutcomeTransactions transactions = open()) {
            commit(transactions, 5);
            leaveOffsetsPending();
            // The producer's metadata are from before, so they are not those of the member.
            consumer.subscribe(Set.of("jobs"));
            await().until(() -> {
                var _ = consumer.poll(Duration.ofMillis(100));
                return !consumer.groupMetadata().memberId().isEmpty()
                        && consumer.groupMetadata().generationId() > 0;
            });

            assertThat(recovered(transactions, Set.of(JOBS))).isEqualTo(Map.of(JOBS, 5L));
        }
    }

    @Test
    void nextProcessDoesNotCommitOffsetsThatTheBrokersLeftPending() throws Exception {
        try (OutcomeTransactions killed = open()) {
            commit(killed, 5);
            leaveOffsetsPending();
        }

        try (OutcomeTransactions transactions = open()) {
            assertThat(committedOffset()).isEqualTo(5);
            commit(transactions, 7);
            assertThat(committedOffset()).isEqualTo(7);
        }
    }

    @Test
    void recoveryEndsAlthoughTheTopicsWereDeleted() throws Exception {
        try (OutcomeTransactions transactions = open()) {
            commit(transactions, 5);
            admin.deleteTopics(List.of("jobs")).all().get();

            assertThat(recovered(transactions, Set.of())).isEmpty();
        }
    }

    @Test
    @Timeout(20)
    void interruptEndsTheStart() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(this::open).isInstanceOf(InterruptException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    private OutcomeTransactions open() {
        return OutcomeTransactions.open(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                "worker-0",
                new SluiceMetrics(new SimpleMeterRegistry()),
                admin,
                new WorkersGroup(admin, committed, consumer.groupMetadata(), Set.of("jobs")));
    }

    private void commit(OutcomeTransactions transactions, long offset) throws Exception {
        assertThat(
                        transactions.commit(
                                List.of(new ProducerRecord<>("results", "result".getBytes(UTF_8))),
                                Map.of(JOBS, new OffsetAndMetadata(offset)),
                                consumer.groupMetadata()))
                .isInstanceOf(OutcomeTransactions.Committed.class);
    }

    /** The committed offset, once the markers of the last transaction are written. */
    private long committedOffset() {
        return await().ignoreExceptionsInstanceOf(TimeoutException.class)
                .until(() -> committed.of(Set.of(JOBS), Duration.ofSeconds(5)), _ -> true)
                .get(JOBS)
                .offset();
    }

    private static Map<TopicPartition, Long> recovered(
            OutcomeTransactions transactions, Set<TopicPartition> partitions) {
        return offsets(
                CompletableFuture.supplyAsync(
                                () -> {
                                    try {
                                        return transactions.recover(partitions);
                                    } catch (InterruptedException e) {
                                        throw new IllegalStateException(e);
                                    }
                                })
                        .orTimeout(30, TimeUnit.SECONDS)
                        .whenComplete((_, _) -> transactions.giveUp())
                        .join()
                        .orElseThrow());
    }

    private static Map<TopicPartition, Long> offsets(
            Map<TopicPartition, OffsetAndMetadata> commits) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        commits.forEach((partition, commit) -> offsets.put(partition, commit.offset()));
        return offsets;
    }

    private void leaveOffsetsPending() throws Exception {
        // The brokers answer a commit before its markers are written.
        TransactionDescription producer =
                await().until(
                                () ->
                                        admin.describeTransactions(List.of("worker-0"))
                                                .description("worker-0")
                                                .get(),
                                found -> found.state() == TransactionState.COMPLETE_COMMIT);
        short version = 3;
        TxnOffsetCommitRequest request =
                new TxnOffsetCommitRequest(
                        new TxnOffsetCommitRequestData()
                                .setTransactionalId("worker-0")
                                .setGroupId(GROUP)
                                .setProducerId(producer.producerId())
                                .setProducerEpoch((short) producer.producerEpoch())
                                .setTopics(
                                        List.of(
                                                new TxnOffsetCommitRequestTopic()
                                                        .setName(JOBS.topic())
                                                        .setPartitions(
                                                                List.of(
                                                                        new TxnOffsetCommitRequestPartition()
                                                                                .setPartitionIndex(
                                                                                        0)
                                                                                .setCommittedOffset(
                                                                                        9)
                                                                                .setCommittedMetadata(
                                                                                        ""))))),
                        version);
        RequestHeader header = new RequestHeader(ApiKeys.TXN_OFFSET_COMMIT, version, "test", 1);
        TxnOffsetCommitResponse response =
                (TxnOffsetCommitResponse)
                        AbstractResponse.parseResponse(
                                exchange(request.serializeWithHeader(header)), header);
        assertThat(response.errors().values()).containsOnly(Errors.NONE);
    }

    private ByteBuffer exchange(ByteBuffer request) throws IOException {
        int port = Integer.parseInt(kafka.bootstrapServers().replaceAll(".*:", ""));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            ByteBuffer framed = ByteBuffer.allocate(4 + request.remaining());
            framed.putInt(request.remaining()).put(request);
            socket.getOutputStream().write(framed.array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            return ByteBuffer.wrap(in.readNBytes(in.readInt()));
        }
    }
}
