package dev.sluice.e2e;

import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Consumers in other languages, each in a process of its own, and this JVM's consumer for
 * comparison.
 */
final class ForeignClient {
    /** Set this where the clients must be installed; a missing client then fails the test. */
    private static final boolean REQUIRED =
            Objects.equals(System.getenv("FOREIGN_CLIENTS"), "required");

    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final int HEAD = 5;
    private static final Comparator<Seen> ORDER =
            Comparator.comparing(Seen::key).thenComparing(Seen::head).thenComparing(Seen::length);

    private ForeignClient() {}

    /**
     * A record as a client read it.
     *
     * @param head the first five bytes of the value as hex: Confluent's magic byte and schema id
     */
    record Seen(String key, String head, int length) {}

    /** The records that this JVM's own consumer reads, by topic. */
    static Map<String, List<Seen>> ofThisJvm(KafkaConnection connection, List<String> topics) {
        Map<String, List<Seen>> seen = new TreeMap<>();
        CommittedRecords.raw(connection, topics)
                .forEach(record ->
                        seen.computeIfAbsent(record.topic(), _ -> new ArrayList<>())
                                .add(seen(record.key(), record.value())));
        return sorted(seen);
    }

    /** What kafkajs reads until it has as many records as this JVM. */
    static Map<String, List<Seen>> kafkaJs(
            KafkaConnection connection, Map<String, List<Seen>> expected)
            throws IOException, InterruptedException {
        require("node");
        require("npm");
        Path folder = installed();
        List<String> command = new ArrayList<>(List.of("node", "read.js", brokers(connection)));
        expected.forEach((topic, records) -> command.add(topic + "=" + records.size()));
        Map<String, List<Seen>> seen = new TreeMap<>();
        for (String line :
                new String(run(folder, command), StandardCharsets.UTF_8).lines().toList()) {
            JsonNode record = JsonMapper.shared().readTree(line);
            seen.computeIfAbsent(record.path("topic").asString(), _ -> new ArrayList<>())
                    .add(
                            new Seen(
                                    record.path("key").asString(),
                                    record.path("head").asString(),
                                    record.path("length").asInt()));
        }
        return sorted(seen);
    }

    /** What kcat, which is librdkafka, reads of each topic to its end. */
    static Map<String, List<Seen>> kcat(KafkaConnection connection, List<String> topics)
            throws IOException, InterruptedException {
        require("kcat");
        Map<String, List<Seen>> seen = new TreeMap<>();
        for (String topic : topics) {
            byte[] said =
                    run(
                            Path.of("target"),
                            List.of(
                                    "kcat",
                                    "-C",
                                    "-e",
                                    "-q",
                                    "-b",
                                    brokers(connection),
                                    "-t",
                                    topic,
                                    "-o",
                                    "beginning",
                                    "-X",
                                    "isolation.level=read_committed",
                                    "-f",
                                    "%K %k%S %s"));
            seen.put(topic, framed(ByteBuffer.wrap(said)));
        }
        return sorted(seen);
    }

    /** Key and value, each with its length before it. */
    private static List<Seen> framed(ByteBuffer said) {
        List<Seen> seen = new ArrayList<>();
        while (said.hasRemaining()) {
            byte[] key = part(said);
            seen.add(seen(key, part(said)));
        }
        return seen;
    }

    private static byte[] part(ByteBuffer said) {
        StringBuilder length = new StringBuilder();
        for (char digit = (char) said.get(); digit != ' '; digit = (char) said.get()) {
            length.append(digit);
        }
        byte[] bytes = new byte[Math.max(0, Integer.parseInt(length.toString()))];
        said.get(bytes);
        return bytes;
    }

    private static Seen seen(byte[] key, byte[] value) {
        return new Seen(
                new String(key, StandardCharsets.UTF_8),
                HexFormat.of().formatHex(value, 0, Math.min(HEAD, value.length)),
                value.length);
    }

    private static Map<String, List<Seen>> sorted(Map<String, List<Seen>> seen) {
        seen.values().forEach(records -> records.sort(ORDER));
        return seen;
    }

    /** The folder of the reader, with its dependencies in exactly the locked versions. */
    private static Path installed() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of("target", "foreign-clients"));
        for (String file : List.of("package.json", "package-lock.json", "read.js")) {
            try (InputStream resource =
                    Objects.requireNonNull(
                            ForeignClient.class.getResourceAsStream("/foreign-clients/" + file))) {
                Files.copy(resource, folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        install(folder);
        return folder;
    }

    /** Installs what a folder's package-lock.json names. */
    static void install(Path folder) throws IOException, InterruptedException {
        try {
            var _ =
                    run(
                            folder,
                            List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
        } catch (IllegalStateException e) {
            throw skipped("npm could not install kafkajs: " + e.getMessage());
        }
    }

    static String brokers(KafkaConnection connection) {
        return String.valueOf(connection.client().get("bootstrap.servers"));
    }

    static void require(String program) {
        String path = System.getenv("PATH");
        boolean present =
                path != null
                        && Arrays.stream(path.split(File.pathSeparator))
                                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
        if (!present) {
            throw skipped(program + " is not installed");
        }
    }

    static RuntimeException skipped(String why) {
        return REQUIRED
                ? new IllegalStateException(why + ", and FOREIGN_CLIENTS is required")
                : new TestAbortedException("SKIPPED, clients of other languages not tried: " + why);
    }

    static byte[] run(Path folder, List<String> command) throws IOException, InterruptedException {
        return run(folder, command, Map.of());
    }

    /**
     * Runs a program and returns its standard output.
     *
     * @throws IllegalStateException with the program's output if it fails or does not end
     */
    static byte[] run(Path folder, List<String> command, Map<String, String> variables)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("foreign-client", ".out");
        Path err = Files.createTempFile("foreign-client", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().putAll(variables);
        Process process = builder.start();
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException(
                        command.getFirst() + " failed: " + Files.readString(err));
            }
            return Files.readAllBytes(out);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }
}
