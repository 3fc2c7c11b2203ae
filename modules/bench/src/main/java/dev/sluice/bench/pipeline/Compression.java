package dev.sluice.bench.pipeline;

import dev.sluice.bench.measure.Core;
import dev.sluice.bench.measure.Meter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Benchmark B10: disk space and CPU cost of compression. */
@Command(
        name = "compression",
        description =
                "B10: what does it cost to compress, at the producer and at the brokers? Records of"
                        + " made-up words and of what is the same in each, some to a partition at a"
                        + " time.")
public final class Compression implements Callable<Integer> {
    private static final int PARTITIONS = 4;
    private static final int VOCABULARY = 4_096;

    @Option(
            names = "--records",
            defaultValue = "40000",
            description = "Of each line; fewer where they are large.")
    private int records;

    @Option(
            names = "--warm-up",
            defaultValue = "100000",
            description = "Records; the compilers need them.")
    private int warmUp;

    @Option(
            names = "--bytes",
            split = ",",
            defaultValue = "1024,32768",
            description = "Of a record.")
    private int[] bytes = {};

    @Option(
            names = "--at-once",
            split = ",",
            defaultValue = "1,20",
            description = "Records to a partition.")
    private int[] atOnce = {};

    /** The compression of the producer and of the topic. */
    private record Choice(String producer, String topic) {
        /** Settings of the topic; gzip may be followed by a level. */
        Map<String, String> settings() {
            String[] parts = topic.split(" ", 2);
            return parts.length == 1
                    ? Map.of("compression.type", topic)
                    : Map.of("compression.type", parts[0], "compression.gzip.level", parts[1]);
        }
    }

    private static final List<Choice> CHOICES =
            List.of(
                    new Choice("none", "producer"),
                    new Choice("gzip", "producer"),
                    new Choice("lz4", "producer"),
                    new Choice("none", "gzip"),
                    new Choice("none", "gzip 1"),
                    new Choice("none", "lz4"),
                    new Choice("lz4", "gzip"),
                    new Choice("lz4", "uncompressed"));

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        try (Core.Running brokers =
                Core.SERVER.start(
                        Surroundings.class,
                        List.of("-Xms1g", "-Xmx1g", "-XX:+UseZGC"),
                        List.of())) {
            String address = brokers.first().split(" ", 2)[0];
            for (Choice choice : CHOICES) {
                var _ =
                        measure(
                                brokers,
                                address,
                                choice,
                                values(1_024),
                                warmUp / CHOICES.size(),
                                10);
            }
            for (int length : bytes) {
                List<byte[]> values = values(length);
                int count = records * 1_024 / Math.max(1_024, length);
                for (int together : atOnce) {
                    for (Choice choice : CHOICES) {
                        System.out.println(
                                measure(brokers, address, choice, values, count, together));
                    }
                }
            }
        }
        return 0;
    }

    /** Runs one choice and describes its costs. */
    private static String measure(
            Core.Running brokers,
            String address,
            Choice choice,
            List<byte[]> values,
            int count,
            int together)
            throws InterruptedException, ExecutionException {
        int length = values.getFirst().length;
        String name =
                "%s-%s-%d-%d-%d"
                        .formatted(
                                choice.producer(),
                                choice.topic().replace(' ', '.'),
                                length,
                                together,
                                count);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address));
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                Map.of(
                                        "bootstrap.servers",
                                        address,
                                        "compression.type",
                                        choice.producer(),
                                        "batch.size",
                                        1 << 20,
                                        "linger.ms",
                                        1_000,
                                        "max.request.size",
                                        32 << 20),
                                new ByteArraySerializer(),
                                new ByteArraySerializer())) {
            create(admin, name + "-warm", choice);
            create(admin, name, choice);
            publish(producer, name + "-warm", values, count, together);
            double cpu = Meter.cpu().toNanos() / 1e3;
            double brokersCpu = brokers.totalCpuMicros();
            publish(producer, name, values, count, together);
            double used = Meter.cpu().toNanos() / 1e3 - cpu;
            double brokersUsed = brokers.totalCpuMicros() - brokersCpu;
            return "B10 %5d bytes, %2d at once, producer %-5s topic %-13s %6d bytes kept, %5.0f µs CPU a record, %5.0f the brokers'"
                    .formatted(
                            length,
                            together,
                            choice.producer(),
                            choice.topic(),
                            kept(admin, name) / count,
                            used / count,
                            brokersUsed / count);
        }
    }

    private static void create(Admin admin, String name, Choice choice)
            throws InterruptedException, ExecutionException {
        NewTopic topic = new NewTopic(name, PARTITIONS, (short) 1).configs(choice.settings());
        admin.createTopics(Set.of(topic)).all().get();
    }

    private static void publish(
            KafkaProducer<byte[], byte[]> producer,
            String topic,
            List<byte[]> values,
            int count,
            int together) {
        for (int i = 0; i < count; i++) {
            var _ =
                    producer.send(
                            new ProducerRecord<>(
                                    topic, i % PARTITIONS, null, values.get(i % values.size())));
            if (i % (PARTITIONS * together) == PARTITIONS * together - 1) {
                producer.flush();
            }
        }
        producer.flush();
    }

    private static long kept(Admin admin, String topic)
            throws InterruptedException, ExecutionException {
        int broker = admin.describeCluster().nodes().get().iterator().next().id();
        return admin.describeLogDirs(Set.of(broker)).allDescriptions().get().values().stream()
                .flatMap(folders -> folders.values().stream())
                .flatMap(folder -> folder.replicaInfos().entrySet().stream())
                .filter(replica -> replica.getKey().topic().equals(topic))
                .mapToLong(replica -> replica.getValue().size())
                .sum();
    }

    /** Values that share a fifth of their text. */
    private static List<byte[]> values(int length) {
        SplittableRandom random = new SplittableRandom(1);
        String[] words = new String[VOCABULARY];
        for (int i = 0; i < VOCABULARY; i++) {
            StringBuilder word = new StringBuilder();
            for (int letters = random.nextInt(2, 10); letters > 0; letters--) {
                word.append((char) ('a' + random.nextInt(26)));
            }
            words[i] = word.toString();
        }
        String same = text(words, random, length / 5);
        List<byte[]> values = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            values.add(
                    (same + text(words, random, length - same.length()))
                            .getBytes(StandardCharsets.US_ASCII));
        }
        return values;
    }

    /** Text in which some words are far more frequent than others. */
    private static String text(String[] words, SplittableRandom random, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(words[(int) (VOCABULARY * Math.pow(random.nextDouble(), 3))]).append(' ');
        }
        return text.substring(0, length);
    }
}
