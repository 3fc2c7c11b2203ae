package dev.sluice.app.erase;

import dev.sluice.runtime.kafka.KafkaConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;

/**
 * How long the brokers keep the records of a topic.
 *
 * @param keptFor the longest time from a record's timestamp until it is deleted; empty if it never
 *     is
 */
record TopicRetention(Optional<Duration> keptFor) {
    /**
     * Asks the brokers about topics.
     *
     * @throws IllegalStateException if they do not say
     */
    static Map<String, TopicRetention> of(KafkaConnection connection, Collection<String> topics)
            throws InterruptedException {
        Map<String, TopicRetention> found = new HashMap<>();
        List<ConfigResource> asked =
                topics.stream()
                        .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                        .toList();
        try (Admin admin = Admin.create(connection.client())) {
            admin.describeConfigs(asked)
                    .all()
                    .get()
                    .forEach((topic, config) -> found.put(topic.name(), of(config)));
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "the brokers do not tell the topics' retention: " + e.getCause(), e.getCause());
        }
        return found;
    }

    private static TopicRetention of(Config config) {
        String cleanup = config.get("cleanup.policy").value();
        long retention = Long.parseLong(config.get("retention.ms").value());
        // A record is deleted with its segment, which takes records for so long.
        long segment = Long.parseLong(config.get("segment.ms").value());
        boolean isDeleted = cleanup.contains("delete") && retention >= 0;
        return new TopicRetention(
                isDeleted
                        ? Optional.of(Duration.ofMillis(retention).plusMillis(segment))
                        : Optional.empty());
    }
}
