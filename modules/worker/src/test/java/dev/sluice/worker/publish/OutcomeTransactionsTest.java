package dev.sluice.worker.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.devkit.EmbeddedKafka;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
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
import org.junit.jupiter.api.Test;

class OutcomeTransactionsTest {
    private static final String GROUP = "workers";
    private static final TopicPartition JOBS = new TopicPartition("jobs", 0);

    @Test
    void recoveryEndsOffsetsThatTheBrokersLeftPending() throws Exception {
        // Old requests may then commit offsets outside of a transaction, which nothing ends.
        try (EmbeddedKafka kafka =
                        EmbeddedKafka.start(
                                Map.of("transaction.partition.verification.enable", "false"));
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic("jobs", 1, (short) 1),
                                    new NewTopic("results", 1, (short) 1)))
                    .all()
                    .get();
            try (OutcomeTransactions transactions =
                    OutcomeTransactions.open(
                            Map.of("bootstrap.servers", kafka.bootstrapServers()),
                            "worker-0",
                            admin,
                            GROUP)) {
                assertThat(
                                transactions.commit(
                                        List.of(
                                                new ProducerRecord<>(
                                                        "results", "result".getBytes(UTF_8))),
                                        Map.of(JOBS, new OffsetAndMetadata(5)),
                                        group(kafka)))
                        .isInstanceOf(OutcomeTransactions.Committed.class);
                leaveOffsetsPending(kafka, admin);
                assertThatThrownBy(() ->
                                transactions.committedOffsets(Set.of(JOBS), Duration.ofSeconds(1)))
                        .isInstanceOf(TimeoutException.class)
                        .hasMessageContaining("jobs-0");

                var recovered =
                        CompletableFuture.supplyAsync(
                                        () -> {
                                            try {
                                                return transactions.recover(Set.of(JOBS));
                                            } catch (InterruptedException e) {
                                                throw new IllegalStateException(e);
                                            }
                                        })
                                .orTimeout(20, TimeUnit.SECONDS)
                                .whenComplete((_, _) -> transactions.giveUp())
                                .join();

                assertThat(recovered.orElseThrow().get(JOBS).offset()).isEqualTo(5);
            }
        }
    }

    private static ConsumerGroupMetadata group(EmbeddedKafka kafka) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "group.id", GROUP);
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return consumer.groupMetadata();
        }
    }

    private static void leaveOffsetsPending(EmbeddedKafka kafka, Admin admin) throws Exception {
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
                                exchange(kafka, request.serializeWithHeader(header)), header);
        assertThat(response.errors().values()).containsOnly(Errors.NONE);
    }

    private static ByteBuffer exchange(EmbeddedKafka kafka, ByteBuffer request) throws IOException {
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
