package dev.sluice.bench.pipeline;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.bench.measure.Delay;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Topics;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.kafka.TopicPlan;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The load generator: publishes requests and reads outcomes in one process, so that one clock
 * measures both.
 */
final class Load implements AutoCloseable {
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(3);

    private final Installation installation;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ConfluentAvroDeserializer<ModelCall> calls;
    private final String jobs;
    private final Until until;
    private final int users;
    private final ConfluentAvroSerializer<AnalysisRequest> serializer =
            new ConfluentAvroSerializer<>();
    private final String ticket;
    private final Map<String, Long> sent = new ConcurrentHashMap<>();

    /** Mean time of the model in nanoseconds; empty for the stub's own. */
    private volatile OptionalLong modelNanos = OptionalLong.empty();

    /** Empty unless {@link #watch} was called. */
    private volatile Optional<Stages> stages = Optional.empty();

    /** The sorted times from request to outcome in nanoseconds, and the total time. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Times(long[] nanos, Duration elapsed) {
        double millis(double quantile) {
            return nanos[(int) Math.min(nanos.length - 1, Math.round(quantile * nanos.length))]
                    / 1e6;
        }
    }

    /** The record that ends the measurement of a request. */
    enum Until {
        /** Its result. */
        RESULT,
        /** Its job, which no worker takes. */
        JOB
    }

    /**
     * Prepares publishing.
     *
     * @param users users of the requests, in turn
     */
    Load(Installation installation, int contentBytes, Until until, int users)
            throws InterruptedException {
        this.installation = installation;
        this.until = until;
        this.users = users;
        this.ticket =
                "The page does not load. ".repeat(contentBytes / 24 + 1).substring(0, contentBytes);
        try (Admin admin = Admin.create(installation.connection().client())) {
            var _ =
                    new TopicPlan(
                                    installation.connection(),
                                    installation.analyses(),
                                    installation.models().keySet(),
                                    Installation.PARTITIONS,
                                    (short) 1)
                            .create(admin);
        }
        AnalysisDefinition analysis =
                installation.knowledge().analyses().find(Installation.ANALYSIS).orElseThrow();
        jobs = installation.connection().topics().jobs(analysis.models().model());
        calls =
                installation
                        .connection()
                        .deserializer(installation.connection().openRegistry(), ModelCall.class);
        serializer.configure(installation.connection().registry(), false);
        producer =
                new KafkaProducer<>(
                        installation.connection().producer(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        consumer = installation.connection().openConsumer();
        List<TopicPartition> outcomes =
                partitions(
                                Stream.of(
                                        installation
                                                .connection()
                                                .topics()
                                                .results(Installation.ANALYSIS),
                                        installation.connection().topics().deadLetters()))
                        .toList();
        begin(
                until == Until.JOB
                        ? Stream.concat(outcomes.stream(), partitions(Stream.of(jobs))).toList()
                        : outcomes);
    }

    /**
     * Also reads jobs and calls from now on, which costs the broker some CPU.
     *
     * @param prefix id prefix of the next run
     * @param count number of its requests
     */
    Stages watch(String prefix, int count) {
        Topics topics = installation.connection().topics();
        begin(
                Stream.concat(
                                consumer.assignment().stream(),
                                partitions(Stream.of(jobs, topics.calls())))
                        .toList());
        Stages watched = new Stages(prefix, count);
        stages = Optional.of(watched);
        return watched;
    }

    private void begin(List<TopicPartition> partitions) {
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
    }

    private Stream<TopicPartition> partitions(Stream<String> topics) {
        return topics.flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()));
    }

    /**
     * Gives each request from now on a time that the model takes for it, as {@link Delay#draw}
     * says. Times until outcomes are then without it.
     */
    void drawModelTimes(Duration mean) {
        modelNanos = OptionalLong.of(mean.toNanos());
    }

    /**
     * Publishes requests all the time, so that some always wait, and counts the outcomes of a
     * while.
     *
     * @param waiting requests published and not ended
     * @return outcomes in that time
     */
    long saturate(String prefix, int waiting, Duration time) throws InterruptedException {
        AtomicBoolean enough = new AtomicBoolean();
        Thread upstream =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                for (int i = 0; !enough.get(); i++) {
                                    while (sent.size() >= waiting && !enough.get()) {
                                        TimeUnit.MILLISECONDS.sleep(1);
                                    }
                                    publish(prefix, i, System.nanoTime());
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        long outcomes = outcomesUntil(System.nanoTime() + time.toNanos(), false);
        enough.set(true);
        upstream.join();
        return outcomes;
    }

    /**
     * Takes outcomes until a time.
     *
     * @param all whether to end when all requests have one
     */
    private long outcomesUntil(long end, boolean all) {
        long seen = 0;
        while (System.nanoTime() < end && !(all && sent.isEmpty())) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
                if (isAwaited(record)
                        && sent.remove(new String(record.key(), StandardCharsets.UTF_8)) != null) {
                    seen++;
                }
            }
        }
        return seen;
    }

    /** Waits until all published requests have ended, or for a time; returns how many have not. */
    int drain(Duration longest) {
        var _ = outcomesUntil(System.nanoTime() + longest.toNanos(), true);
        int left = sent.size();
        sent.clear();
        return left;
    }

    /**
     * Publishes requests and waits for their outcomes.
     *
     * @param rate requests per second; 0 for all at once
     */
    Times run(String prefix, int count, double rate) throws InterruptedException {
        long[] nanos = new long[count];
        long start = System.nanoTime();
        Thread upstream =
                Thread.ofPlatform().start(() -> publish(prefix, count, rate, System.nanoTime()));
        int seen = 0;
        long last = System.nanoTime();
        while (seen < count) {
            if (System.nanoTime() - last > LONGEST_SILENCE.toNanos()) {
                throw new IllegalStateException(
                        "no outcome for "
                                + LONGEST_SILENCE
                                + ", "
                                + (count - seen)
                                + " are missing");
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                if (isAwaited(record)) {
                    String requestId = new String(record.key(), StandardCharsets.UTF_8);
                    stages.ifPresent(watched -> watched.outcomeReadable(requestId));
                    Long at = sent.remove(requestId);
                    if (at != null) {
                        last = System.nanoTime();
                        nanos[seen++] = System.nanoTime() - at;
                    }
                }
            }
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        upstream.join();
        Arrays.sort(nanos);
        return new Times(nanos, elapsed);
    }

    private boolean isAwaited(ConsumerRecord<byte[], byte[]> record) {
        Topics topics = installation.connection().topics();
        if (record.topic().equals(topics.deadLetters())) {
            throw new IllegalStateException("a dead letter");
        }
        if (record.topic().equals(jobs)) {
            stages.ifPresent(watched ->
                    watched.jobReadable(new String(record.key(), StandardCharsets.UTF_8)));
            return until == Until.JOB;
        }
        if (record.topic().equals(topics.calls())) {
            ModelCall call = calls.deserialize(record.topic(), record.value());
            if (call != null) {
                stages.ifPresent(watched -> watched.called(call));
            }
            return false;
        }
        return true;
    }

    private void publish(String prefix, int count, double rate, long start) {
        try {
            for (int i = 0; i < count; i++) {
                long due = start + (long) (i * 1e9 / rate);
                if (rate > 0) {
                    TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                }
                // Times count from when a request was due, even if it was sent late.
                publish(prefix, i, rate > 0 ? due : System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void publish(String prefix, int number, long due) {
        String topic = installation.connection().topics().requests();
        String id = prefix + number;
        OptionalLong mean = modelNanos;
        long own = mean.isPresent() ? Delay.draw(number, mean.getAsLong()) : 0;
        // Every content is different, so that no request is answered from the cache.
        String begin = id + (mean.isPresent() ? Delay.mark(own) : "");
        AnalysisRequest request =
                AnalysisRequest.newBuilder()
                        .setRequestId(id)
                        .setUserId("user-" + number % users)
                        .setAnalysis(Installation.ANALYSIS)
                        .setContent(begin + ticket.substring(begin.length()))
                        .build();
        byte[] value = serializer.serialize(topic, request);
        sent.put(id, due + own);
        stages.ifPresent(watched -> watched.sent(id));
        var _ =
                producer.send(
                        new ProducerRecord<>(
                                topic,
                                request.getUserId().toString().getBytes(StandardCharsets.UTF_8),
                                value));
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
        serializer.close();
    }
}
