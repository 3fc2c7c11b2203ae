package dev.sluice.app.spend;

import dev.sluice.contract.Spend;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads users' spend by day from the spend topic. */
public final class SpendReader {
    private SpendReader() {}

    /**
     * The latest record of each user and day, the oldest day first.
     *
     * @param user the user, or empty for all users
     * @param since the first day
     */
    public static List<Spend> read(
            KafkaConnection connection, Optional<String> user, LocalDate since) {
        Map<String, byte[]> latest = new HashMap<>();
        String topic = connection.topics().spend();
        try (TopicReader reader = TopicReader.open(connection)) {
            reader.readAll(
                    topic,
                    record -> {
                        String key = new String(record.key(), StandardCharsets.UTF_8);
                        if (record.value() == null) {
                            latest.remove(key);
                        } else if (user.isEmpty() || key.endsWith("/" + user.get())) {
                            latest.put(key, record.value());
                        }
                    });
        }
        try (SchemaRegistry registry = connection.openRegistry()) {
            ConfluentAvroDeserializer<Spend> spends =
                    connection.deserializer(registry, Spend.class);
            return latest.values().stream()
                    .map(value -> spends.deserialize(topic, value))
                    .filter(spend -> !spend.getDay().isBefore(since))
                    .filter(spend -> user.isEmpty() || user.get().contentEquals(spend.getUserId()))
                    .sorted(
                            Comparator.comparing(Spend::getDay)
                                    .thenComparing(spend -> spend.getUserId().toString()))
                    .toList();
        }
    }
}
