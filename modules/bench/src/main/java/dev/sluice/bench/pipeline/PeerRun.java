package dev.sluice.bench.pipeline;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.sluice.bench.measure.Contender;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.transaction.KafkaTransactionManager;

/**
 * The peers: programs that one would write without Sluice. They read requests, call the model with
 * openai-java, and write its answers, without validation, reservations, limits or accounting.
 */
public final class PeerRun {
    private static final int PARALLEL = 200;

    private final Installation installation;
    private final OpenAIClient model;
    private final ConfluentAvroDeserializer<AnalysisRequest> deserializer;
    private final String prompt;

    /** The peers by how they read records and write answers. */
    enum Peer {
        /** Parallel Consumer with 200 threads; answers and offsets in one transaction. */
        PARALLEL_CONSUMER,
        /**
         * Spring Kafka's container with a thread per partition, and Spring AI's model; answers and
         * offsets of a batch in one transaction.
         */
        SPRING,
        /** A thread per partition that processes one record after the other, at least once. */
        PLAIN_LOOP
    }

    private PeerRun(Installation installation) {
        this.installation = installation;
        this.model =
                OpenAIOkHttpClient.builder()
                        .baseUrl(installation.model())
                        .apiKey("key")
                        .maxRetries(0)
                        .maxIdleConnections(2 * PARALLEL)
                        .keepAliveDuration(Duration.ofMinutes(5))
                        .build();
        this.deserializer =
                installation
                        .connection()
                        .deserializer(
                                installation.connection().openRegistry(), AnalysisRequest.class);
        this.prompt = "Triage the ticket. ".repeat(100);
    }

    /** Arguments: peer, the output of {@link Surroundings}, the model's address. */
    public static void main(String[] arguments) throws Exception {
        PeerRun run = new PeerRun(Installation.at(arguments[1], arguments[2]));
        switch (Peer.valueOf(arguments[0])) {
            case PARALLEL_CONSUMER -> run.parallel();
            case SPRING -> run.spring();
            case PLAIN_LOOP -> {
                for (int i = 0; i < Installation.PARTITIONS; i++) {
                    var _ = Thread.ofPlatform().start(run::plain);
                }
            }
        }
        TimeUnit.SECONDS.sleep(2);
        Contender.serve();
    }

    private void parallel() {
        Map<String, Object> producer = new HashMap<>(installation.connection().producer());
        producer.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "peer");
        ParallelStreamProcessor<byte[], byte[]> processor =
                ParallelStreamProcessor.createEosStreamProcessor(
                        ParallelConsumerOptions.<byte[], byte[]>builder()
                                .ordering(ParallelConsumerOptions.ProcessingOrder.UNORDERED)
                                .commitMode(
                                        ParallelConsumerOptions.CommitMode
                                                .PERIODIC_TRANSACTIONAL_PRODUCER)
                                .commitInterval(Duration.ofMillis(100))
                                .maxConcurrency(PARALLEL)
                                .consumer(consumer())
                                .producer(
                                        new KafkaProducer<>(
                                                producer,
                                                new ByteArraySerializer(),
                                                new ByteArraySerializer()))
                                .build());
        processor.subscribe(List.of(installation.connection().topics().requests()));
        processor.pollAndProduce(context -> answer(context.getSingleConsumerRecord()));
    }

    private void spring() {
        Map<String, Object> consumer = new HashMap<>(installation.connection().consumer());
        consumer.put(ConsumerConfig.GROUP_ID_CONFIG, "peer");
        consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        DefaultKafkaProducerFactory<byte[], byte[]> producers =
                new DefaultKafkaProducerFactory<>(
                        installation.connection().producer(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        producers.setTransactionIdPrefix("peer-");
        KafkaTemplate<byte[], byte[]> template = new KafkaTemplate<>(producers);
        OpenAiChatModel chat =
                OpenAiChatModel.builder()
                        .openAiClient(model)
                        .openAiClientAsync(model.async())
                        .options(
                                OpenAiChatOptions.builder()
                                        .model("gpt-4.1-mini")
                                        .maxCompletionTokens(600)
                                        .build())
                        .build();
        ContainerProperties properties =
                new ContainerProperties(installation.connection().topics().requests());
        properties.setKafkaAwareTransactionManager(new KafkaTransactionManager<>(producers));
        BatchMessageListener<byte[], byte[]> listener =
                records -> {
                    for (ConsumerRecord<byte[], byte[]> record : records) {
                        AnalysisRequest request = request(record);
                        String answer =
                                Objects.requireNonNull(
                                        chat.call(
                                                new SystemMessage(prompt),
                                                new UserMessage(request.getContent().toString())));
                        var _ = template.send(result(request, answer));
                    }
                };
        properties.setMessageListener(listener);
        ConcurrentMessageListenerContainer<byte[], byte[]> container =
                new ConcurrentMessageListenerContainer<>(
                        new DefaultKafkaConsumerFactory<>(
                                consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                        properties);
        container.setConcurrency(Installation.PARTITIONS);
        container.start();
    }

    private void plain() {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer();
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                installation.connection().producer(),
                                new ByteArraySerializer(),
                                new ByteArraySerializer())) {
            consumer.subscribe(List.of(installation.connection().topics().requests()));
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(100))) {
                    var _ = producer.send(answer(record));
                }
                producer.flush();
                consumer.commitSync();
            }
        }
    }

    private ProducerRecord<byte[], byte[]> answer(ConsumerRecord<byte[], byte[]> record) {
        AnalysisRequest request = request(record);
        String answer =
                model.chat()
                        .completions()
                        .create(
                                ChatCompletionCreateParams.builder()
                                        .model("gpt-4.1-mini")
                                        .maxCompletionTokens(600)
                                        .addSystemMessage(prompt)
                                        .addUserMessage(request.getContent().toString())
                                        .build())
                        .choices()
                        .getFirst()
                        .message()
                        .content()
                        .orElseThrow();
        return result(request, answer);
    }

    private AnalysisRequest request(ConsumerRecord<byte[], byte[]> record) {
        return Objects.requireNonNull(deserializer.deserialize(record.topic(), record.value()));
    }

    private ProducerRecord<byte[], byte[]> result(AnalysisRequest request, String answer) {
        return new ProducerRecord<>(
                installation.connection().topics().results(Installation.ANALYSIS),
                request.getRequestId().toString().getBytes(StandardCharsets.UTF_8),
                answer.getBytes(StandardCharsets.UTF_8));
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> consumer = new HashMap<>(installation.connection().consumer());
        consumer.put(ConsumerConfig.GROUP_ID_CONFIG, "peer");
        consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        return new KafkaConsumer<>(
                consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
